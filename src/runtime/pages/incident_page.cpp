#include "incident_page.hpp"

#include "../../base/utc_text.hpp"
#include "html.hpp"
#include "page_sections.hpp"
#include "page_style.hpp"
#include "pool_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

std::string service_name_of(const snapshot& snapshot) {
  const attribute_value* name = snapshot.resource.find("service.name");
  return name == nullptr ? std::string{} : escaped(to_string(*name));
}

std::string head_of_page(const snapshot& snapshot, bool is_paused) {
  return fmt::format(
      "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">{}"
      "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">"
      "<title>{} · querytap</title><style>{}</style></head><body>\n",
      is_paused ? "" : "<meta http-equiv=\"refresh\" content=\"5\">", service_name_of(snapshot),
      page_style);
}

std::string overview_link(std::string_view section, std::size_t count, std::string_view label,
                          std::string_view css_if_any) {
  if (count == 0) return fmt::format("<a>0 {}</a>", label);
  return fmt::format("<a href=\"#{}\" class=\"{}\">{} {}</a>", section, css_if_any, count, label);
}

std::size_t callers_waiting_for_pools(const snapshot& snapshot) {
  std::int64_t waiting = 0;
  for (const pool_row& pool : pool_table(snapshot)) waiting += pool.waiting;
  return static_cast<std::size_t>(std::max<std::int64_t>(0, waiting));
}

std::size_t components_not_well(const snapshot& snapshot) {
  return static_cast<std::size_t>(
      std::ranges::count_if(snapshot.health, [](const health_report& report) {
        return report.status == health_status::warn || report.status == health_status::fail;
      }));
}

// How many of each there are, as links to them.
std::string overview_of(const snapshot& snapshot) {
  return "<nav>" +
         (snapshot.health.empty()
              ? std::string{}
              : overview_link("health", components_not_well(snapshot), "not well", "bad")) +
         overview_link("findings", snapshot.findings.size(),
                       snapshot.findings.size() == 1 ? "finding" : "findings", "warn") +
         overview_link("running", long_running(snapshot).size(), "still running", "bad") +
         overview_link("slow", ended_calls(snapshot).size(), "slow or failed", "warn") +
         overview_link("pools", callers_waiting_for_pools(snapshot), "waiting for a connection",
                       "bad") +
         overview_link(
             "in-flight", snapshot.active_requests.size(),
             snapshot.active_requests.size() == 1 ? "request in flight" : "requests in flight",
             "") +
         "</nav>";
}

std::string header_of_page(const snapshot& snapshot, bool is_paused) {
  const auto second = std::chrono::floor<std::chrono::seconds>(snapshot.time);
  return fmt::format("<header><h1>{}</h1><p>{} {} UTC · counting since {} · {}</p>{}</header>\n",
                     service_name_of(snapshot), utc_date_text(second), utc_clock_text(second),
                     moment_text(snapshot.start, snapshot.time),
                     is_paused ? "paused, <a href=\"?\">go on</a>"
                               : "every 5 s, <a href=\"?paused\">pause</a> to read",
                     overview_of(snapshot));
}

constexpr std::string_view page_footer =
    "<footer class=\"facts\">as JSON: <a href=\"slow\">/slow</a> · "
    "<a href=\"requests\">/requests</a> · <a href=\"pools\">/pools</a> · <a "
    "href=\"findings\">/findings</a> · <a href=\"sources\">/sources</a> · "
    "<a href=\"health\">/health</a></footer>";

}  // namespace

std::string render_incident_page(const snapshot& snapshot, bool is_paused) {
  return head_of_page(snapshot, is_paused) + header_of_page(snapshot, is_paused) +
         health_part(snapshot) + findings_part(snapshot) + running_part(snapshot) +
         requests_in_flight_part(snapshot) + slow_part(snapshot) + pools_part(snapshot) +
         leases_part(snapshot) + requests_part(snapshot) + statements_part(snapshot) +
         sources_part(snapshot) + std::string{page_footer} + "</body></html>\n";
}

}  // namespace querytap::detail
