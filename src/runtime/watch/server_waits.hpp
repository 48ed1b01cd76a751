#pragma once

#include "../../calls/reports/report_hub.hpp"

#include <querytap/servers/server_inspector.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace querytap::detail {

/// Asks at each look what the calls wait for that run too long, and remembers it until they end.
///
/// Threads  one at a time.
class server_waits {
 public:
  using sources = std::vector<std::shared_ptr<server_inspector>>;
  using time_point = std::chrono::system_clock::time_point;

  explicit server_waits(sources from) : sources_{std::move(from)} {}

  /// Completes a running call by what it waits for, and one that has ended by what it waited for: the
  /// time up to the last look at which it waited for a lock is the phase `lock_wait`.
  void complete(call_report& call, time_point now, server_inspector::deadline until);
  /// Asks again for those that still run, and amends what the log remembers of them.
  void ask_again(report_hub& log, time_point now, server_inspector::deadline until);

 private:
  struct known_running_call {
    call_report call;
    std::chrono::nanoseconds waited_for_lock{};
  };

  void ask(known_running_call& one, time_point now, server_inspector::deadline until) const;
  [[nodiscard]] known_running_call* same_call(const call_report& ended);

  const sources sources_;
  std::vector<known_running_call> running_;
};

}  // namespace querytap::detail
