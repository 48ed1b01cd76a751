#include "running_calls.hpp"

#include <algorithm>
#include <chrono>

namespace querytap::detail {
namespace {

constexpr std::chrono::milliseconds shortest_shown_as_running{100};
// A report and a call in flight have their starts from two clocks.
constexpr std::chrono::milliseconds most_start_difference{100};

std::uint64_t fingerprint_or_zero(const std::shared_ptr<const statement_identity>& statement) {
  return statement == nullptr ? 0 : statement->fingerprint;
}

bool is_report_of(const call_report& report, const active_call& call, const snapshot& current) {
  return report.reason == report_reason::running &&
         fingerprint_or_zero(report.statement) == fingerprint_or_zero(call.statement) &&
         std::chrono::abs(report.start - (current.time - call.age)) < most_start_difference;
}

// Whether the end of the call was reported, too, or the call is shown as still running.
bool is_shown_elsewhere(const call_report& running, const snapshot& current) {
  const bool ended = std::ranges::any_of(current.call_reports, [&](const auto& other) {
    // The report of a running call may not know its thread.
    const bool is_same_thread = running.thread == 0 || other->thread == running.thread;
    return other->reason != report_reason::running && is_same_thread &&
           std::chrono::abs(other->start - running.start) < most_start_difference &&
           fingerprint_or_zero(other->statement) == fingerprint_or_zero(running.statement);
  });
  return ended || std::ranges::any_of(current.active, [&](const active_call& call) {
           return is_report_of(running, call, current);
         });
}

}  // namespace

std::vector<active_call> long_running_calls(const snapshot& current) {
  const auto short_calls = std::ranges::find_if(
      current.active, [](const active_call& call) { return call.age < shortest_shown_as_running; });
  return {current.active.begin(), short_calls};
}

// Of calls of one statement that begin together, the one whose begin is nearest.
const call_report* report_of_running_call(const active_call& call, const snapshot& current) {
  const auto start = current.time - call.age;
  const call_report* nearest = nullptr;
  for (const auto& report : current.call_reports) {
    if (!is_report_of(*report, call, current)) continue;
    if (nearest == nullptr ||
        std::chrono::abs(report->start - start) < std::chrono::abs(nearest->start - start))
      nearest = report.get();
  }
  return nearest;
}

std::vector<std::shared_ptr<const call_report>> ended_calls(const snapshot& current) {
  auto calls = current.call_reports;
  std::erase_if(calls, [&](const auto& call) {
    return call->reason == report_reason::running && is_shown_elsewhere(*call, current);
  });
  return calls;
}

}  // namespace querytap::detail
