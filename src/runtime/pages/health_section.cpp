#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

namespace querytap::detail {
namespace {

std::string_view style_of(health_status status) noexcept {
  switch (status) {
    case health_status::pass: return "good";
    case health_status::warn: return "warn";
    case health_status::fail: return "bad";
    case health_status::unknown: break;
  }
  return "";
}

std::string value_of(const health_measurement& measured) {
  if (!measured.value.has_value()) return {};
  return measured.unit == "1" || measured.unit.empty()
             ? fmt::format("{:.3g}", *measured.value)
             : fmt::format("{:.3g} {}", *measured.value, escaped(measured.unit));
}

// With the value from which on it is no longer well.
std::string measurement_text(const health_measurement& measured) {
  std::string text = escaped(measured.name);
  if (const std::string value = value_of(measured); !value.empty()) text += ' ' + value;
  if (measured.limit.has_value()) text += fmt::format(" (limit {:.3g})", *measured.limit);
  return measured.status > health_status::pass ? fmt::format("<b>{}</b>", text) : text;
}

std::string measurements_of(const health_report& report) {
  facts shown;
  for (const health_measurement& measured : report.measurements)
    shown.add(measurement_text(measured));
  return shown.html();
}

std::string answer_of(const health_report& report, std::chrono::system_clock::time_point shown_at) {
  facts shown;
  if (report.hanging_since != std::chrono::system_clock::time_point{}) {
    shown.add("hangs since " + moment_text(report.hanging_since, shown_at));
  } else if (report.is_passive) {
    shown.add("by its calls");
  } else if (report.latency.count() != 0) {
    shown.add(human_duration(report.latency));
  }
  if (report.time != std::chrono::system_clock::time_point{}) {
    shown.add(moment_text(report.time, shown_at));
  }
  return shown.html();
}

std::string reason_of(const health_report& report) {
  std::string text = escaped(report.reason);
  if (!report.advice.empty()) text += fmt::format("<br><i>{}</i>", escaped(report.advice));
  return text;
}

std::string row_of_component(const health_report& report,
                             std::chrono::system_clock::time_point shown_at) {
  const bool is_known = report.status != health_status::unknown;
  return fmt::format(
      "<tr><td>{}</td><td data-is=\"status\" class=\"{}\">{}</td><td data-is=\"since\">{}</td>"
      "<td data-is=\"reason\">{}</td><td data-is=\"measured\">{}</td><td data-is=\"answer\">{}</td>"
      "<td data-is=\"needed for\">{}</td></tr>\n",
      escaped(report.component), style_of(report.status), to_string(report.status),
      is_known ? moment_text(report.since, shown_at) : std::string{}, reason_of(report),
      measurements_of(report), answer_of(report, shown_at), escaped(report.needed_for));
}

}  // namespace

std::string health_part(const snapshot& snapshot) {
  if (snapshot.health.empty()) return {};
  std::string part =
      "<section id=\"health\"><h2>Health</h2><table><thead><tr><th>component</th><th>status</th>"
      "<th>since</th><th>why, and what to do</th><th>measured</th><th>answer</th>"
      "<th>needed for</th></tr></thead><tbody>\n";
  for (const health_report& report : snapshot.health)
    part += row_of_component(report, snapshot.time);
  return part + "</tbody></table></section>\n";
}

}  // namespace querytap::detail
