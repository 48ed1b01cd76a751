#include "request_headers.hpp"

#include "../../base/ascii.hpp"

#include <querytap/base/error.hpp>
#include <querytap/calls/http_call.hpp>

#include <algorithm>
#include <string_view>

namespace querytap::detail {
namespace {

// Source: RFC 9110, section 5.6.2.
bool is_token(std::string_view text) noexcept {
  const auto is_part = [](char c) {
    return is_ascii_alphanumeric(c) ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
  };
  return !text.empty() && std::ranges::all_of(text, is_part);
}

bool is_single_line(std::string_view text) noexcept {
  return std::ranges::none_of(text, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

bool is_url_text(std::string_view text) noexcept {
  return std::ranges::all_of(
      text, [](char c) { return static_cast<unsigned char>(c) > ' ' && c != '\x7F'; });
}

bool has_header(const http::request& request, std::string_view name) noexcept {
  return std::ranges::any_of(request.headers, [&](const http::header& header) {
    return equal_ignoring_case(header.name, name);
  });
}

}  // namespace

void check_request(const http::request& request) {
  static_cast<void>(http::origin_of(request.url));
  if (!is_url_text(request.url)) throw configuration_error{"url", "", "expected no blanks in it"};
  if (!is_token(request.method)) throw configuration_error{"method", "", "expected a name"};
  for (const http::header& header : request.headers) {
    if (!is_token(header.name))
      throw configuration_error{"headers", "", "expected names of headers"};
    if (!is_single_line(header.value))
      throw configuration_error{"headers", header.name, "expected a value of one line"};
  }
}

curl_headers headers_of_request(const http::request& request,
                                const http::transport_options& options) {
  curl_headers headers;
  for (const http::header& header : request.headers) {
    // `name;` is how libcurl takes a header without a value.
    headers.add(header.value.empty() ? header.name + ';' : header.name + ": " + header.value);
  }
  if (!has_header(request, "expect")) headers.add("Expect:");  // a second, where it is ignored
  if (!has_header(request, "content-type")) headers.add("Content-Type:");
  if (options.passes_trace && !has_header(request, "traceparent")) {
    if (const std::string trace = http::traceparent(); !trace.empty())
      headers.add("traceparent: " + trace);
  }
  return headers;
}

}  // namespace querytap::detail
