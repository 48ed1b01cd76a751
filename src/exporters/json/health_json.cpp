#include <querytap/exporters/json/health_json.hpp>

#include "json_values.hpp"

#include <algorithm>
#include <optional>

namespace querytap {
namespace detail {
namespace {

constexpr std::chrono::system_clock::time_point never{};

std::string_view status_of_format(health_status status) noexcept {
  return to_string(status == health_status::unknown ? health_status::warn : status);
}

void add_named_text(json& object, const char* key, const std::string& text) {
  if (!text.empty()) object[key] = text;
}

void add_time(json& object, const char* key, std::chrono::system_clock::time_point time) {
  if (time != never) object[key] = time_text(time);
}

std::string output_of(const health_report& report) {
  const bool is_silent = report.status == health_status::unknown && report.reason.empty();
  return is_silent ? "nothing is known yet" : report.reason;
}

json entry_of(const health_report& report, std::chrono::system_clock::time_point time) {
  json entry{{"componentId", report.component}, {"status", status_of_format(report.status)}};
  if (report.latency.count() != 0 && !report.is_passive) {
    entry["observedValue"] = 1e3 * seconds_of(report.latency);
    entry["observedUnit"] = "ms";
  }
  add_time(entry, "time", report.time);
  if (report.time != never) entry["age"] = seconds_of(time - report.time);
  add_time(entry, "since", report.since);
  entry["role"] = to_string(report.role);
  add_named_text(entry, "neededFor", report.needed_for);
  add_named_text(entry, "output", output_of(report));
  add_named_text(entry, "advice", report.advice);
  if (report.is_passive) entry["passive"] = true;
  if (report.is_flapping) entry["flapping"] = true;
  add_time(entry, "hangingSince", report.hanging_since);
  return entry;
}

json entry_of(const health_report& report, const health_measurement& measured) {
  json entry{{"componentId", report.component}, {"status", status_of_format(measured.status)}};
  if (measured.value.has_value()) {
    entry["observedValue"] = *measured.value;
    add_named_text(entry, "observedUnit", measured.unit);
  }
  if (measured.limit.has_value()) entry["limit"] = *measured.limit;
  add_named_text(entry, "output", measured.reason);
  add_named_text(entry, "advice", measured.advice);
  return entry;
}

// What a component makes of the whole; one of which nothing is known, and that requests need, is worse than a warning.
int weight_in_whole(const health_report& report) noexcept {
  const bool is_needed = report.role != health_role::optional;
  switch (report.status) {
    case health_status::pass: return 0;
    case health_status::warn: return 1;
    case health_status::fail: return is_needed ? 3 : 1;
    case health_status::unknown: break;
  }
  return is_needed ? 2 : 0;
}

// That of the component which makes it so.
std::string output_of_all(const std::vector<health_report>& reports) {
  const auto worst = std::ranges::max_element(reports, {}, weight_in_whole);
  if (worst == reports.end()) return "there are no checks";
  const std::string reason = output_of(*worst);
  return reason.empty() ? std::string{} : worst->component + ": " + reason;
}

}  // namespace
}  // namespace detail

health_status overall_health(const std::vector<health_report>& reports) noexcept {
  health_status worst = health_status::pass;
  bool is_unknown = false;
  for (const health_report& report : reports) {
    const bool is_needed = report.role != health_role::optional;
    is_unknown |= is_needed && report.status == health_status::unknown;
    worst =
        std::max(worst, is_needed ? report.status : std::min(report.status, health_status::warn));
  }
  return is_unknown && worst != health_status::fail ? health_status::unknown : worst;
}

std::string health_json(const std::vector<health_report>& reports, std::string_view service,
                        std::chrono::system_clock::time_point time) {
  const health_status status = overall_health(reports);
  detail::json document{{"status", detail::status_of_format(status)}};
  if (!service.empty()) document["serviceId"] = service;
  document["time"] = detail::time_text(time);
  if (status != health_status::pass || reports.empty()) {
    detail::add_named_text(document, "output", detail::output_of_all(reports));
  }
  document["checks"] = detail::json::object();
  for (const health_report& report : reports) {
    document["checks"][report.component + ":responseTime"].push_back(
        detail::entry_of(report, time));
    for (const health_measurement& measured : report.measurements) {
      document["checks"][report.component + ':' + measured.name].push_back(
          detail::entry_of(report, measured));
    }
  }
  return detail::json_line(document);
}

}  // namespace querytap
