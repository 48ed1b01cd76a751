#include <querytap/decorators/http/client.hpp>

#include "url_text.hpp"

#include <querytap/base/error.hpp>
#include <querytap/base/exception_outcome.hpp>
#include <querytap/calls/detail/parameter_digest.hpp>
#include <querytap/calls/http_call.hpp>

namespace querytap::http {
namespace {

[[noreturn]] void refuse_template(std::string_view url_template, std::string_view reason) {
  throw configuration_error{"url_template", url_template, reason};
}

// `.` and `..` are a way up, escaped or not: libcurl and servers take them out of a path.
void check_path_value(std::string_view url_template, std::string_view value) {
  if (value.empty() || value == "." || value == "..")
    refuse_template(url_template, "expected values that are neither empty nor dots alone");
}

void append_path(std::string& url, std::string_view url_template,
                 const std::vector<std::string_view>& values) {
  if (!url_template.starts_with('/') || url_template.find_first_of("?#") != url_template.npos)
    refuse_template(url_template, "expected a path that begins with `/`, without a query");
  auto value = values.begin();
  for (std::string_view rest = url_template; !rest.empty();) {
    const std::size_t open = std::min(rest.find('{'), rest.size());
    url += rest.substr(0, open);
    rest.remove_prefix(open);
    if (rest.empty()) break;
    const std::size_t close = rest.find('}');
    if (close == rest.npos) refuse_template(url_template, "expected `}` behind each `{`");
    if (value == values.end()) refuse_template(url_template, "expected a value for each name");
    check_path_value(url_template, *value);
    detail::append_escaped(url, *value++);
    rest.remove_prefix(close + 1);
  }
  if (value != values.end()) refuse_template(url_template, "expected a name for each value");
}

std::string without_last_slash(std::string_view url) {
  static_cast<void>(origin_of(url));
  if (url.find_first_of("?#") != url.npos)
    throw configuration_error{"base_url", "", "expected neither a query nor a fragment"};
  while (url.ends_with('/')) url.remove_suffix(1);
  return std::string{url};
}

}  // namespace

struct client::state {
  state(recorder& recorder, std::string_view url, client_options options)
      : service{recorder, url, options.service},
        transport{std::move(options.transport)},
        base_url{without_last_slash(url)},
        headers{std::move(options.headers)} {}

  [[nodiscard]] std::string url_of(std::string_view url_template, const url_values& values) const {
    std::string url = base_url;
    append_path(url, url_template, values.path);
    char separator = '?';
    for (const auto& [name, value] : values.query) {
      url += std::exchange(separator, '&');
      detail::append_escaped(url, name);
      url += '=';
      detail::append_escaped(url, value);
    }
    return url;
  }

  http::service service;
  http::transport transport;
  std::string base_url;  // without a slash at its end
  std::vector<header> headers;
};

client::client(recorder& recorder, std::string_view base_url, client_options options)
    : state_{new state{recorder, base_url, std::move(options)}} {}
client::~client() = default;
client::client(client&&) noexcept = default;
client& client::operator=(client&&) noexcept = default;

const service& client::service() const noexcept { return state_->service; }
const transport& client::transport() const noexcept { return state_->transport; }

response client::get(std::string_view url_template, const url_values& values,
                     code_location site) const {
  return send(url_template, values, request{}, nullptr, site);
}

response client::send(std::string_view url_template, const url_values& values, request request,
                      const body_sink& sink, code_location site) const {
  request.url = state_->url_of(url_template, values);
  request.headers.insert(request.headers.end(), state_->headers.begin(), state_->headers.end());
  parameter_digest digest;
  digest.add(request.url);
  digest.add(request.body);
  call timed{state_->service, request.method, url_template, site};
  timed.timed().parameters(digest.hash());
  try {
    response reply = state_->transport.send(request, sink);
    timed.spent(phase::connect, reply.phases[phase::connect]);
    timed.spent(phase::tls, reply.phases[phase::tls]);
    timed.spent(phase::fetch, reply.phases[phase::fetch]);
    for (std::uint32_t i = 0; i < reply.retries; ++i) timed.retried();
    if (const outcome failure = reply.failure(); failure.failed()) {
      timed.failed(failure);
    } else {
      timed.answered(reply.status);
    }
    return reply;
  } catch (...) {
    timed.failed(outcome_of_current_exception());
    throw;
  }
}

}  // namespace querytap::http
