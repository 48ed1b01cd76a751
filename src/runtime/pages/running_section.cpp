#include "html.hpp"
#include "page_sections.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr std::chrono::milliseconds worth_telling{100};
// A report and the calls in flight are read from two clocks.
constexpr std::chrono::milliseconds same_start{100};

std::uint64_t fingerprint_of(const std::shared_ptr<const statement_identity>& statement) {
  return statement == nullptr ? 0 : statement->fingerprint;
}

// What was reported of a call while it ran: it knows more than the call in flight.
const call_report* report_of(const active_call& one, const snapshot& from) {
  const auto start = from.time - one.age;
  const auto found = std::ranges::find_if(from.call_reports, [&](const auto& report) {
    return report->reason == report_reason::running &&
           fingerprint_of(report->statement) == fingerprint_of(one.statement) &&
           std::chrono::abs(report->start - start) < same_start;
  });
  return found == from.call_reports.end() ? nullptr : found->get();
}

std::string system_of(const active_call& one) {
  const attribute_value* system = one.series->labels.find("db.system.name");
  return system == nullptr ? std::string{} : escaped(to_string(*system));
}

std::string facts_of(const active_call& one, const call_report* report) {
  facts known;
  if (report != nullptr) {
    if (!report->waits_for.empty()) known.add(span("bad", "waits for " + report->waits_for));
    known.add(span("site", to_string(report->site)));
    known.add(escaped(report->request));
    if (report->thread != 0) known.add(fmt::format("thread {}", report->thread));
  }
  known.add(system_of(one));
  return known.html();
}

std::string card_of(const active_call& one, const call_report* report) {
  return fmt::format(
      "<li><div class=\"lead\"><b class=\"time bad\">{}</b></div><div>{}<p "
      "class=\"facts\">{}</p></div></li>\n",
      duration_text(one.age), sql(one.statement == nullptr ? std::string{} : one.statement->text),
      facts_of(one, report));
}

// Whether its end was reported, or it is shown among those that still run.
bool is_told_elsewhere(const call_report& running, const snapshot& from) {
  const bool ended = std::ranges::any_of(from.call_reports, [&](const auto& other) {
    return other->reason != report_reason::running && other->start == running.start &&
           other->thread == running.thread;
  });
  return ended || std::ranges::any_of(from.active, [&](const active_call& one) {
           return report_of(one, from) == &running;
         });
}

}  // namespace

std::vector<active_call> long_running(const snapshot& from) {
  const auto short_ones = std::ranges::find_if(
      from.active, [](const active_call& one) { return one.age < worth_telling; });
  return {from.active.begin(), short_ones};
}

std::vector<std::shared_ptr<const call_report>> ended_calls(const snapshot& from) {
  auto calls = from.call_reports;
  std::erase_if(calls, [&](const auto& one) {
    return one->reason == report_reason::running && is_told_elsewhere(*one, from);
  });
  return calls;
}

std::string running_part(const snapshot& from) {
  const std::vector<active_call> running = long_running(from);
  if (running.empty()) return {};
  std::string part = "<section id=\"running\"><h2>Still running</h2><ul>\n";
  for (const active_call& one : running) part += card_of(one, report_of(one, from));
  return part + "</ul></section>\n";
}

}  // namespace querytap::detail
