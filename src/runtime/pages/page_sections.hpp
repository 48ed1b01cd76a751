#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>
#include <vector>

namespace querytap::detail {

// The sections of the page, as HTML; empty where there is nothing to show.

[[nodiscard]] std::string health_part(const snapshot& snapshot);
[[nodiscard]] std::string findings_part(const snapshot& snapshot);
[[nodiscard]] std::string running_part(const snapshot& snapshot);
[[nodiscard]] std::string requests_in_flight_part(const snapshot& snapshot);
[[nodiscard]] std::string slow_part(const snapshot& snapshot);
[[nodiscard]] std::string pools_part(const snapshot& snapshot);
[[nodiscard]] std::string leases_part(const snapshot& snapshot);
[[nodiscard]] std::string requests_part(const snapshot& snapshot);
[[nodiscard]] std::string statements_part(const snapshot& snapshot);
[[nodiscard]] std::string sources_part(const snapshot& snapshot);

/// What has been running for longer than most queries take, the oldest first.
[[nodiscard]] std::vector<active_call> long_running(const snapshot& snapshot);

/// The calls of slow_part(). The report of a running call is left out once the call has ended, and while
/// running_part() shows the call.
[[nodiscard]] std::vector<std::shared_ptr<const call_report>> ended_calls(const snapshot& snapshot);

}  // namespace querytap::detail
