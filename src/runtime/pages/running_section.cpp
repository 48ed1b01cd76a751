#include "html.hpp"
#include "page_sections.hpp"

#include <querytap/base/human.hpp>
#include <querytap/snapshot/call_convention.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr std::chrono::milliseconds shortest_shown_as_running{100};
// A report and a call in flight have their starts from two clocks.
constexpr std::chrono::milliseconds most_start_difference{100};

std::uint64_t fingerprint_or_zero(const std::shared_ptr<const statement_identity>& statement) {
  return statement == nullptr ? 0 : statement->fingerprint;
}

// The report of a running call, which says more than the call in flight.
const call_report* report_of_running_call(const active_call& call, const snapshot& snapshot) {
  const auto start = snapshot.time - call.age;
  const auto found = std::ranges::find_if(snapshot.call_reports, [&](const auto& report) {
    return report->reason == report_reason::running &&
           fingerprint_or_zero(report->statement) == fingerprint_or_zero(call.statement) &&
           std::chrono::abs(report->start - start) < most_start_difference;
  });
  return found == snapshot.call_reports.end() ? nullptr : found->get();
}

std::string system_of_running_call(const active_call& call) {
  return escaped(system_of_call(call.series->labels));
}

std::string facts_of_running_call(const active_call& call, const call_report* report) {
  facts shown;
  if (report != nullptr) {
    if (!report->waits_for.empty()) shown.add(span("bad", "waits for " + report->waits_for));
    shown.add(span("site", to_string(report->site)));
    shown.add(escaped(report->request));
    if (report->thread != 0) shown.add(fmt::format("thread {}", report->thread));
  }
  shown.add(system_of_running_call(call));
  return shown.html();
}

std::string card_of_running_call(const active_call& call, const call_report* report) {
  return fmt::format(
      "<li><div class=\"lead\"><b class=\"time bad\">{}</b></div><div>{}<p "
      "class=\"facts\">{}</p></div></li>\n",
      human_duration(call.age),
      sql(call.statement == nullptr ? std::string{} : call.statement->text),
      facts_of_running_call(call, report));
}

// Whether the end of the call was reported, too, or the call is shown as still running.
bool is_shown_elsewhere(const call_report& running, const snapshot& snapshot) {
  const bool ended = std::ranges::any_of(snapshot.call_reports, [&](const auto& other) {
    return other->reason != report_reason::running && other->start == running.start &&
           other->thread == running.thread;
  });
  return ended || std::ranges::any_of(snapshot.active, [&](const active_call& call) {
           return report_of_running_call(call, snapshot) == &running;
         });
}

}  // namespace

std::vector<active_call> long_running(const snapshot& snapshot) {
  const auto short_calls = std::ranges::find_if(snapshot.active, [](const active_call& call) {
    return call.age < shortest_shown_as_running;
  });
  return {snapshot.active.begin(), short_calls};
}

std::vector<std::shared_ptr<const call_report>> ended_calls(const snapshot& snapshot) {
  auto calls = snapshot.call_reports;
  std::erase_if(calls, [&](const auto& call) {
    return call->reason == report_reason::running && is_shown_elsewhere(*call, snapshot);
  });
  return calls;
}

std::string running_part(const snapshot& snapshot) {
  const std::vector<active_call> running = long_running(snapshot);
  if (running.empty()) return {};
  std::string part = "<section id=\"running\"><h2>Still running</h2><ul>\n";
  for (const active_call& call : running)
    part += card_of_running_call(call, report_of_running_call(call, snapshot));
  return part + "</ul></section>\n";
}

}  // namespace querytap::detail
