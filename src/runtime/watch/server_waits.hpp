#pragma once

#include "../../calls/reports/call_log.hpp"

#include <querytap/servers/plan_source.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace querytap::detail {

/// Asks at each look what the calls wait for that run too long, and remembers it until they end.
///
/// Threads  one at a time.
class server_waits {
 public:
  using sources = std::vector<std::shared_ptr<plan_source>>;
  using time_point = std::chrono::system_clock::time_point;

  explicit server_waits(sources from) : sources_{std::move(from)} {}

  /// Completes a running call by what it waits for, and one that has ended by what it waited for: the
  /// time up to the last look at which it waited for a lock is the phase `lock_wait`.
  void complete(slow_query& call, time_point now, plan_source::deadline until);
  /// Asks again for those that still run, and amends what the log remembers of them.
  void ask_again(call_log& log, time_point now, plan_source::deadline until);

 private:
  struct running_call {
    slow_query call;
    std::chrono::nanoseconds waited_for_lock{};
  };

  void ask(running_call& one, time_point now, plan_source::deadline until) const;
  [[nodiscard]] running_call* same_call(const slow_query& ended);

  const sources sources_;
  std::vector<running_call> running_;
};

}  // namespace querytap::detail
