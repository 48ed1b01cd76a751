#include "asking_transport.hpp"

#include "../common/measured.hpp"

#include <querytap/base/error.hpp>
#include <querytap/base/human.hpp>

#include <utility>

namespace querytap::detail {
namespace {

std::string reason_without_answer(const http::response& reply) {
  using enum http::response::ending;
  switch (reply.how) {
    case answered:
    case stopped: break;
    case timed_out: return "there was no answer in time";
    case not_connected:
      return reply.error == "couldnt_resolve_host"
                 ? "the name of the host is not known"
                 : "there is no connection: nothing listens there";
    case broken: return "the connection broke before the answer was whole";
    case too_large: return "the answer is larger than 16 MiB";
    case not_trusted: return "the certificate is not trusted, or has expired";
    case not_http: return "what answers does not speak HTTP";
  }
  return {};
}

}  // namespace

asking_transport::asking_transport(const asked_body& body)
    : must_be_whole_{body.must_be_whole},
      transport_{{.largest_body = body.largest,
                  .tries = 1,
                  .redirects = 0,
                  .idle_connections = 1,
                  .passes_trace = false}} {}

http::response asking_transport::send(http::request asked, health_probe::deadline until) const {
  const std::chrono::nanoseconds left = until - std::chrono::steady_clock::now();
  if (left <= std::chrono::nanoseconds{0}) throw probe_error{"there was no answer in time"};
  asked.timeout = left;
  asked.repeated = http::repetition::harmful;
  http::response reply = transport_.send(asked);
  const bool has_enough =
      !must_be_whole_ && reply.how == http::response::ending::too_large && reply.status != 0;
  if (has_enough) return reply;
  const std::string reason = reason_without_answer(reply);
  if (!reason.empty()) throw probe_error{reason};
  return reply;
}

void check_base_url(std::string_view url) {
  const bool has_scheme = url.starts_with("http://") || url.starts_with("https://");
  if (!has_scheme || url.find_first_of("?#@") != url.npos) {
    throw configuration_error{"url", "",
                              "expected http:// or https://, without user, query and fragment"};
  }
}

std::string_view advice_for_status(int status) {
  if (status == 401 || status == 403)
    return "give a key that is valid, with the rights that it needs";
  if (status == 404)
    return "look whether the path is right, and the server has the version that is expected";
  if (status == 429) return "it takes no more requests for now: look at its limits";
  if (status >= 500) return "look at the server's log";
  return "look at what answers there: it may be another server, or a proxy";
}

health_measurement measured_response(std::chrono::nanoseconds took, std::chrono::nanoseconds slow) {
  const auto seconds = [](std::chrono::nanoseconds time) {
    return std::chrono::duration<double>{time}.count();
  };
  return measured("response_time", seconds(took), "s", {.warn = seconds(slow)},
                  "the answer took " + human_duration(took), "look at the load of the server");
}

}  // namespace querytap::detail
