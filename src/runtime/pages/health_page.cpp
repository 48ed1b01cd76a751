#include "health_page.hpp"

#include "../../calls/reports/health_board.hpp"
#include "../live/query_string.hpp"
#include "request_target.hpp"

#include <querytap/exporters/json/health_json.hpp>
#include <querytap/recording/recorder.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <vector>

namespace querytap::detail {
namespace {

constexpr int status_ok = 200;
constexpr int status_not_found = 404;
constexpr int status_unavailable = 503;

using reports = std::vector<health_report>;

std::string service_of(const recorder& telemetry) { return telemetry.options().service_name; }

// Liveness is about the process alone: what it depends on restarts no process.
reports of_liveness(reports all) {
  std::erase_if(all,
                [](const health_report& report) { return report.role != health_role::liveness; });
  return all;
}

// As kube-apiserver writes it.
std::string lines_of(const reports& shown, bool is_draining) {
  std::string lines;
  for (const health_report& report : shown) {
    const bool is_unknown = report.status == health_status::unknown;
    const bool is_bad = is_unknown || report.status == health_status::fail;
    const std::string_view verdict = is_unknown ? "unknown" : is_bad ? "failed" : "ok";
    lines += fmt::format("[{}]{} {}{}{}\n", is_bad ? '-' : '+', report.component, verdict,
                         report.reason.empty() ? "" : ": ", report.reason);
  }
  if (is_draining) lines += "[-]draining: the process is about to end\n";
  return lines;
}

// To be called alive, nothing bad must be known; to be called ready, all must be known to be well.
void render_verdict(const reports& shown, bool is_readiness, bool is_draining, bool is_verbose,
                    page_response& response) {
  const health_status overall = overall_health(shown);
  const bool is_bad = overall == health_status::fail ||
                      (is_readiness && (is_draining || overall == health_status::unknown));
  response.status = is_bad ? status_unavailable : status_ok;
  response.content_type = "text/plain; charset=utf-8";
  response.body = is_verbose ? lines_of(shown, is_draining) : std::string{};
  response.body += is_bad ? "not ok\n" : "ok\n";
}

bool keep_component(std::string_view query, reports& shown) {
  const std::vector<std::string> wanted = query_values(query, "component");
  if (wanted.empty()) return true;
  std::erase_if(shown, [&](const health_report& report) {
    return std::ranges::find(wanted, report.component) == wanted.end();
  });
  return !shown.empty();
}

}  // namespace

bool is_open_to_all(std::string_view target) {
  const std::string_view path = parse_request_target(target).path;
  return path == "/livez" || path == "/readyz";
}

void render_health(recorder& telemetry, std::string_view path, std::string_view query,
                   bool is_trusted, page_response& response) {
  auto [shown, is_draining] = telemetry.part<health_board>().all();
  if (path == "/livez") shown = of_liveness(std::move(shown));
  if (is_trusted && !keep_component(query, shown)) {
    response.status = status_not_found;
    response.content_type = "text/plain; charset=utf-8";
    response.body = "no check has this component's name\n";
    return;
  }
  if (path == "/health") {
    const health_status overall = overall_health(shown);
    response.status = overall == health_status::fail ? status_unavailable : status_ok;
    response.content_type = "application/health+json";
    response.body = health_json(shown, service_of(telemetry), telemetry.time().wall());
    return;
  }
  const bool is_verbose =
      is_trusted && (query == "verbose" || query.starts_with("verbose&") ||
                     query.ends_with("&verbose") || !query_values(query, "verbose").empty());
  render_verdict(shown, path == "/readyz", is_draining, is_verbose, response);
}

}  // namespace querytap::detail
