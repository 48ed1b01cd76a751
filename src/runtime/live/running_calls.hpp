#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <memory>
#include <vector>

namespace querytap::detail {

/// What has been running for longer than most queries take, the oldest first.
[[nodiscard]] std::vector<active_call> long_running_calls(const snapshot& current);

/// The report of a running call, which says more than the call in flight; null if there is none.
[[nodiscard]] const call_report* report_of_running_call(const active_call& call,
                                                        const snapshot& current);

/// The calls that were slow or failed, the newest first. The report of a running call is left out once the call has
/// ended, and while it is among the calls in flight.
[[nodiscard]] std::vector<std::shared_ptr<const call_report>> ended_calls(const snapshot& current);

}  // namespace querytap::detail
