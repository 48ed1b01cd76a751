#pragma once

#include "../../calls/reports/report_hub.hpp"

#include <querytap/servers/server_inspector.hpp>

#include <chrono>
#include <memory>
#include <vector>

namespace querytap::detail {

/// Finds out at each look what calls that run too long wait for, and stores that until they end.
///
/// Threads  one at a time.
class server_waits {
 public:
  using inspector_list = std::vector<std::shared_ptr<server_inspector>>;
  using time_point = std::chrono::system_clock::time_point;

  explicit server_waits(inspector_list inspectors) : inspectors_{std::move(inspectors)} {}

  /// Completes a running call by what it waits for, and an ended call by what it waited for: the time up to
  /// the last look at which the call waited for a lock is the phase `lock_wait`.
  void complete(call_report& call, time_point time, server_inspector::deadline deadline);
  /// Asks again for calls that still run, and amends their reports.
  void ask_again(report_hub& hub, time_point time, server_inspector::deadline deadline);

 private:
  struct known_running_call {
    call_report call;
    std::chrono::nanoseconds waited_for_lock{};
  };

  void ask(known_running_call& known, time_point time, server_inspector::deadline deadline) const;
  [[nodiscard]] known_running_call* find_running(const call_report& ended);

  const inspector_list inspectors_;
  std::vector<known_running_call> running_;
};

}  // namespace querytap::detail
