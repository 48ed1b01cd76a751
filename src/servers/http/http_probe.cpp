#include <querytap/servers/http/http_probe.hpp>

#include "../common/measured.hpp"
#include "asking_transport.hpp"

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <utility>

namespace querytap {
namespace {

// The status is what is asked for. Answers to such questions are small, and must be whole; of a page or a download
// the beginning says enough.
constexpr detail::asked_body body_of_any_page{.largest = std::size_t{64} << 10,
                                              .must_be_whole = false};

}  // namespace

struct http_probe::state {
  const http_probe_options options;
};

http_probe::http_probe(http_probe_options options)
    : state_{new state{.options = std::move(options)}} {
  const std::string& url = state_->options.url;
  if (!url.starts_with("http://") && !url.starts_with("https://")) {
    throw configuration_error{"url", "", "expected http:// or https://"};
  }
}
http_probe::~http_probe() = default;

health_answer http_probe::look(deadline until) {
  const http_probe_options& options = state_->options;
  const auto start = std::chrono::steady_clock::now();
  const http::response reply = detail::asking_transport{body_of_any_page}.send(
      {.url = options.url, .headers = options.headers}, until);
  const auto took = std::chrono::steady_clock::now() - start;
  const bool is_expected = options.expected_status == 0 ? reply.status >= 200 && reply.status < 300
                                                        : reply.status == options.expected_status;
  health_measurement status = detail::verified(
      "status", is_expected, health_status::fail,
      fmt::format(
          "it answers with status {}, where {} is expected", reply.status,
          options.expected_status == 0 ? "200 to 299" : fmt::to_string(options.expected_status)),
      detail::advice_for_status(reply.status));
  status.value = reply.status;
  status.unit = "1";
  return {{std::move(status), detail::measured_response(took, options.slow)}};
}

}  // namespace querytap
