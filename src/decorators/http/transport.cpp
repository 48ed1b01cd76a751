#include <querytap/decorators/http/transport.hpp>

#include "../../base/ascii.hpp"
#include "../../base/bounded_wait.hpp"
#include "connection_slots.hpp"
#include "curl_parts.hpp"
#include "request_headers.hpp"
#include "retry_policy.hpp"

#include <querytap/base/error.hpp>
#include <querytap/calls/http_service.hpp>

#include <algorithm>
#include <array>

namespace querytap::http {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

constexpr nanoseconds longest_backoff = std::chrono::seconds{5};

transport_options checked_transport_options(transport_options options) {
  const auto require = [](bool holds, std::string_view option, std::string_view reason) {
    if (!holds) throw configuration_error{option, "", reason};
  };
  require(options.timeout.count() > 0, "timeout", "expected a positive time");
  require(options.connect_timeout.count() > 0, "connect_timeout", "expected a positive time");
  require(options.first_backoff.count() > 0, "first_backoff", "expected a positive time");
  require(options.tries >= 1, "tries", "expected at least one");
  require(options.largest_body >= 1, "largest_body", "expected at least one byte");
  require(options.largest_headers >= 1, "largest_headers", "expected at least one byte");
  require(
      options.idle_connections >= 1 && options.idle_connections <= detail::connection_slots::most,
      "idle_connections", "expected 1 to 64");
  return options;
}

bool is_harmless_to_repeat(const request& request) noexcept {
  if (request.repeated != repetition::by_method) return request.repeated == repetition::harmless;
  constexpr std::array<std::string_view, 5> idempotent{"GET", "HEAD", "OPTIONS", "PUT", "DELETE"};
  return std::ranges::find(idempotent, request.method) != idempotent.end();
}

bool may_go_better_next_time(const response& reply) noexcept {
  using enum response::ending;
  if (reply.how == not_connected || reply.how == broken || reply.how == timed_out) return true;
  constexpr std::array busy{429, 502, 503, 504};
  return reply.how == answered && std::ranges::find(busy, reply.status) != busy.end();
}

// Everything that one send() needs across its tries.
struct sending {
  const detail::prepared_request prepared;
  const body_sink* sink;
  std::string url;
  steady_clock::time_point deadline;
  unsigned redirects_left;

  [[nodiscard]] nanoseconds time_left() const noexcept { return deadline - steady_clock::now(); }
};

}  // namespace

class transport::state {
 public:
  explicit state(transport_options checked)
      : options{std::move(checked)}, idle{options.idle_connections} {}

  [[nodiscard]] response send(const request& request, const body_sink* sink) {
    detail::check_request(request);
    const detail::curl_headers headers = detail::headers_of_request(request, options);
    const nanoseconds timeout = request.timeout.count() > 0 ? request.timeout : options.timeout;
    const auto begin = steady_clock::now();
    sending work{.prepared = {.request = request,
                              .headers = headers.list(),
                              .is_harmless = is_harmless_to_repeat(request),
                              .asks_for_gzip = options.compressed && sink == nullptr},
                 .sink = sink,
                 .url = request.url,
                 .deadline = begin + detail::bounded_wait(timeout),
                 .redirects_left = options.redirects};
    response reply = send_until_answered(work);
    // What neither the connection nor the transfer of the body took: the servers, and waits.
    const auto rest = (steady_clock::now() - begin) - reply.phases[phase::connect] -
                      reply.phases[phase::tls] - reply.phases[phase::fetch];
    reply.phases[phase::first_byte] = std::max<nanoseconds>(rest, nanoseconds{0});
    return reply;
  }

  const transport_options options;

 private:
  [[nodiscard]] response send_until_answered(sending& work) {
    detail::backoff waits{detail::seed_of_backoff(), options.first_backoff, longest_backoff};
    response reply;
    for (unsigned done = 1;; ++done) {
      const bool is_final = try_once(work, reply) || !work.prepared.is_harmless ||
                            done >= options.tries || !may_go_better_next_time(reply);
      if (is_final) return reply;
      nanoseconds wait = waits.wait_after(static_cast<int>(done));
      if (const auto asked = reply.headers.find("retry-after")) {
        const auto time = detail::parse_retry_after(*asked, std::chrono::system_clock::now());
        if (time) wait = *time;
      }
      if (wait >= work.time_left()) return reply;
      detail::wait_before_retry(wait);
      ++reply.retries;
    }
  }

  // With its redirects. True where it must not be tried again.
  [[nodiscard]] bool try_once(sending& work, response& reply) {
    while (true) {
      reply.headers.clear();
      reply.body.clear();
      detail::reply_reader reader{
          reply, work.sink, {.body = options.largest_body, .headers = options.largest_headers}};
      std::unique_ptr<detail::http_connection> connection = idle.take();
      if (connection == nullptr) connection = std::make_unique<detail::http_connection>(options);
      connection->send(work.prepared, work.url, reader, work.time_left(), reply);
      const std::string next =
          reply.status >= 300 && reply.status < 400 ? connection->redirect() : "";
      idle.put(std::move(connection));
      reader.rethrow();
      if (!may_follow(work, reply, next))
        return reader.has_given() || work.time_left().count() <= 0;
      work.url = next;
      --work.redirects_left;
    }
  }

  [[nodiscard]] static bool may_follow(const sending& work, const response& reply,
                                       const std::string& next) {
    const std::string& method = work.prepared.request.method;
    if (next.empty() || reply.how != response::ending::answered || work.redirects_left == 0 ||
        (method != "GET" && method != "HEAD")) {
      return false;
    }
    try {
      return origin_of(next) == origin_of(work.url);
    } catch (const configuration_error&) {
      return false;
    }
  }

  detail::connection_slots idle;
};

transport::transport(transport_options options)
    : state_{new state{checked_transport_options(std::move(options))}} {
  detail::start_libcurl();
}
transport::~transport() = default;
transport::transport(transport&&) noexcept = default;
transport& transport::operator=(transport&&) noexcept = default;

response transport::send(const request& request) const { return state_->send(request, nullptr); }

response transport::send(const request& request, const body_sink& sink) const {
  return state_->send(request, sink == nullptr ? nullptr : &sink);
}

const transport_options& transport::options() const noexcept { return state_->options; }

}  // namespace querytap::http
