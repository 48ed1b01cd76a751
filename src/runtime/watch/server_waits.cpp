#include "server_waits.hpp"

#include "../../base/call_guarded.hpp"

#include <algorithm>
#include <utility>

namespace querytap::detail {
namespace {

// Beyond this number, calls mostly wait for the same lock.
constexpr std::size_t most_running_calls = 20;
// The start of a call is computed anew for each report.
constexpr std::chrono::milliseconds most_start_jitter{2};

void move_to_lock_wait(call_report& call, std::chrono::nanoseconds waited) {
  const auto moved = std::min(waited, call.phases[phase::execute]);
  call.phases[phase::execute] -= moved;
  call.phases[phase::lock_wait] += moved;
}

}  // namespace

void server_waits::complete(call_report& call, time_point time,
                            server_inspector::deadline deadline) {
  if (inspectors_.empty()) return;
  if (call.reason == report_reason::running) {
    if (running_.size() == most_running_calls) running_.erase(running_.begin());
    known_running_call& running = running_.emplace_back(known_running_call{call});
    ask(running, time, deadline);
    call.waits_for = running.call.waits_for;
    call.phases = running.call.phases;
  } else if (known_running_call* const known = find_running(call)) {
    call.waits_for = known->call.waits_for;
    move_to_lock_wait(call, known->waited_for_lock);
    running_.erase(running_.begin() + (known - running_.data()));
  }
}

void server_waits::ask_again(report_hub& hub, time_point time,
                             server_inspector::deadline deadline) {
  for (known_running_call& running : running_) {
    ask(running, time, deadline);
    hub.amend(running.call.number, [&](call_report& stored) {
      stored.waits_for = running.call.waits_for;
      stored.duration = running.call.duration;
      stored.phases = running.call.phases;
    });
  }
}

void server_waits::ask(known_running_call& running, time_point time,
                       server_inspector::deadline deadline) const {
  const auto inspector = std::ranges::find_if(
      inspectors_, [&](const auto& candidate) { return candidate->serves(running.call); });
  if (inspector == inspectors_.end()) return;
  server_wait wait;
  const bool is_known = call_guarded([&] { wait = (*inspector)->wait_of(running.call, deadline); });
  if (!is_known) return;  // the last answer stays
  const std::chrono::nanoseconds age = time - running.call.start;
  if (wait.is_lock) running.waited_for_lock = age;
  if (!wait.waits_for.empty()) running.call.waits_for = std::move(wait.waits_for);
  running.call.duration = std::max(running.call.duration, age);
  running.call.phases = {};
  running.call.phases[phase::execute] = running.call.duration;
  move_to_lock_wait(running.call, running.waited_for_lock);
}

server_waits::known_running_call* server_waits::find_running(const call_report& ended) {
  const auto found = std::ranges::find_if(running_, [&](const known_running_call& running) {
    return running.call.statement == ended.statement && running.call.site.line == ended.site.line &&
           std::chrono::abs(running.call.start - ended.start) < most_start_jitter;
  });
  return found == running_.end() ? nullptr : &*found;
}

}  // namespace querytap::detail
