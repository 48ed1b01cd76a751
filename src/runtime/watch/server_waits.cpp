#include "server_waits.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace querytap::detail {
namespace {

// More than this wait for the same thing.
constexpr std::size_t most_running = 20;
// A call's start is worked out anew each time that it is told.
constexpr std::chrono::milliseconds same_start{2};

void move_to_lock_wait(call_report& call, std::chrono::nanoseconds waited) {
  const auto moved = std::min(waited, call.phases[phase::execute]);
  call.phases[phase::execute] -= moved;
  call.phases[phase::lock_wait] += moved;
}

}  // namespace

void server_waits::complete(call_report& call, time_point now, server_inspector::deadline until) {
  if (sources_.empty()) return;
  if (call.reason == report_reason::running) {
    if (running_.size() == most_running) running_.erase(running_.begin());
    known_running_call& one = running_.emplace_back(known_running_call{call});
    ask(one, now, until);
    call.waits_for = one.call.waits_for;
    call.phases = one.call.phases;
  } else if (known_running_call* const before = same_call(call)) {
    call.waits_for = before->call.waits_for;
    move_to_lock_wait(call, before->waited_for_lock);
    running_.erase(running_.begin() + (before - running_.data()));
  }
}

void server_waits::ask_again(report_hub& log, time_point now, server_inspector::deadline until) {
  for (known_running_call& one : running_) {
    ask(one, now, until);
    log.amend(one.call.number, [&](call_report& remembered) {
      remembered.waits_for = one.call.waits_for;
      remembered.duration = one.call.duration;
      remembered.phases = one.call.phases;
    });
  }
}

void server_waits::ask(known_running_call& one, time_point now,
                       server_inspector::deadline until) const {
  const auto source =
      std::ranges::find_if(sources_, [&](const auto& each) { return each->serves(one.call); });
  if (source == sources_.end()) return;
  server_wait wait;
  try {
    wait = (*source)->wait_of(one.call, until);
  } catch (const std::exception&) {
    return;  // what was known before stays
  }
  const std::chrono::nanoseconds age = now - one.call.start;
  if (wait.is_lock) one.waited_for_lock = age;
  if (!wait.waits_for.empty()) one.call.waits_for = std::move(wait.waits_for);
  one.call.duration = std::max(one.call.duration, age);
  one.call.phases = {};
  one.call.phases[phase::execute] = one.call.duration;
  move_to_lock_wait(one.call, one.waited_for_lock);
}

server_waits::known_running_call* server_waits::same_call(const call_report& ended) {
  const auto found = std::ranges::find_if(running_, [&](const known_running_call& one) {
    return one.call.statement == ended.statement && one.call.site.line == ended.site.line &&
           std::chrono::abs(one.call.start - ended.start) < same_start;
  });
  return found == running_.end() ? nullptr : &*found;
}

}  // namespace querytap::detail
