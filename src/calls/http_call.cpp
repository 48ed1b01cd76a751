#include <querytap/calls/http_call.hpp>

#include <querytap/base/trace_context.hpp>
#include <querytap/recording/trace_scope.hpp>

#include <algorithm>
#include <array>

namespace querytap::http {

void call::answered(int status) noexcept {
  const auto digit = [&](int unit) { return static_cast<char>('0' + status / unit % 10); };
  const bool is_status = status >= 100 && status <= 999;
  const std::array<char, 3> digits{digit(100), digit(10), digit(1)};
  const std::string_view text = is_status ? std::string_view{digits.data(), 3} : "_OTHER";
  if (status >= 400 || !is_status) {
    operation_.fail(outcome::error(text, is_status ? text : ""));
  } else {
    operation_.answered(text);
  }
}

std::string traceparent() {
  const trace_context* const trace = detail::current_trace;
  return trace == nullptr ? std::string{} : to_string(*trace);
}

}  // namespace querytap::http
