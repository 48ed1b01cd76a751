#include <querytap/calls/http_service.hpp>

#include "../base/ascii.hpp"

#include <querytap/base/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>
#include <exception>
#include <utility>

namespace querytap::http {
namespace {

[[noreturn]] void refuse_url(std::string_view reason) {
  throw configuration_error{"url", "", reason};
}

std::uint16_t port_in_url(std::string_view digits) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || end != digits.data() + digits.size() || port == 0)
    refuse_url("expected a port from 1 to 65535");
  return port;
}

// Host and port, from what stands between `//` and the path.
std::pair<std::string_view, std::string_view> split_authority(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = authority.find(']');
    if (end == authority.npos) refuse_url("expected `]` behind an IPv6 address");
    const std::string_view rest = authority.substr(end + 1);
    if (!rest.empty() && rest.front() != ':') refuse_url("expected a port behind `]`");
    return {authority.substr(1, end - 1), rest.empty() ? rest : rest.substr(1)};
  }
  const std::size_t colon = authority.find(':');
  if (colon == authority.npos) return {authority, {}};
  return {authority.substr(0, colon), authority.substr(colon + 1)};
}

bool is_part_of_host(char c) noexcept {
  return detail::is_ascii_alphanumeric(c) || static_cast<unsigned char>(c) >= 0x80 ||
         std::string_view{"-._~%:"}.find(c) != std::string_view::npos;
}

constexpr std::array<std::string_view, 10> methods_of_http{
    "GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "CONNECT", "TRACE", "QUERY"};

backend_options options_of_service(std::string_view url, const service_options& options) {
  const origin asked = origin_of(url);
  return {.system = "http",
          .kind = backend_kind::http,
          .server_address = asked.host,
          .server_port = asked.port,
          .dialect = dialect::named,
          .slow_threshold = options.slow_threshold,
          .slow_multiple = options.slow_multiple};
}

}  // namespace

origin origin_of(std::string_view url) {
  const std::size_t colon = url.find("://");
  if (colon == url.npos) refuse_url("expected http://… or https://…");
  origin result{.scheme = std::string{url.substr(0, colon)}};
  std::ranges::transform(result.scheme, result.scheme.begin(), detail::ascii_lower);
  if (result.scheme != "http" && result.scheme != "https")
    refuse_url("expected http://… or https://…");
  const std::string_view rest = url.substr(colon + 3);
  // As libcurl ends it: a backslash is a part of it, and no part of a host.
  const std::string_view authority = rest.substr(0, rest.find_first_of("/?#"));
  if (authority.find('@') != authority.npos)
    refuse_url("expected no user in the URL: credentials are for a header");
  const auto [host, port] = split_authority(authority);
  if (host.empty()) refuse_url("expected a host");
  if (!std::ranges::all_of(host, is_part_of_host)) refuse_url("expected the name of a host");
  result.host.resize(host.size());
  std::ranges::transform(host, result.host.begin(), detail::ascii_lower);
  const std::uint16_t usual = result.scheme == "http" ? 80 : 443;
  result.port = port.empty() ? usual : port_in_url(port);
  return result;
}

service::service(recorder& recorder, std::string_view url, const service_options& options)
    : backend_{recorder, options_of_service(url, options)} {}

const statement& service::statement_for(std::string_view method,
                                        std::string_view url_template) const noexcept {
  const bool is_known = std::ranges::find(methods_of_http, method) != methods_of_http.end();
  const std::string_view name = is_known ? method : "_OTHER";
  std::array<char, 512> text;  // longer templates are cut: a summary has no more either
  const std::size_t room = text.size() - name.size() - 1;
  // A query is no part of a template, and may hold anything.
  const std::string_view path = url_template.substr(0, url_template.find_first_of("?#"));
  const std::size_t size = std::min(path.size(), room);
  std::memcpy(text.data(), name.data(), name.size());
  text[name.size()] = ' ';
  std::copy_n(path.begin(), size, text.begin() + name.size() + 1);
  return backend_.statement_for({text.data(), name.size() + 1 + size});
}

}  // namespace querytap::http
