#include "status_page.hpp"

#include <querytap/exporters/prometheus_text.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/telemetry_pages.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <mutex>

namespace querytap {
namespace {

constexpr std::string_view plain = "text/plain; charset=utf-8";

http_response error(int status, std::string_view message) {
  return {status, std::string{plain}, std::string{message}};
}

}  // namespace

struct telemetry_pages::state {
  explicit state(recorder& to)
      : from{to},
        scrape_duration{to.bind_histogram(catalog::scrape_duration, {{"querytap.format", "text"}})},
        scrape_size{to.bind_histogram(catalog::scrape_size, {{"querytap.format", "text"}})} {}

  http_response metrics() {
    const std::lock_guard one_scrape_at_a_time{mutex};
    const std::uint64_t begin = from.time().ticks();
    std::string body = text.render(from.collect());
    scrape_duration.record(from.time().nanoseconds_between(begin, from.time().ticks()));
    scrape_size.record(body.size());
    return {200, std::string{prometheus_text::content_type}, std::move(body)};
  }

  http_response page() {
    return {200, "text/html; charset=utf-8", detail::render_status_page(from.collect())};
  }

  recorder& from;
  histogram scrape_duration;
  histogram scrape_size;
  std::mutex mutex;
  prometheus_text text;  // under mutex
};

telemetry_pages::telemetry_pages(recorder& from) : state_{std::make_unique<state>(from)} {}
telemetry_pages::~telemetry_pages() = default;

http_response telemetry_pages::respond(const http_request& to) {
  if (to.method != "GET" && to.method != "HEAD") return error(405, "only GET and HEAD\n");
  if (to.path == "/metrics") return state_->metrics();
  if (to.path != "/") return error(404, "here are /metrics and /\n");
  if (!to.from_loopback) return error(403, "this page is shown on the machine itself only\n");
  return state_->page();
}

}  // namespace querytap
