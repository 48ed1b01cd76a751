#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>
#include <vector>

namespace querytap::detail {

// The parts of the page, each a section of HTML; empty where there is nothing to show.

[[nodiscard]] std::string findings_part(const snapshot& from);
[[nodiscard]] std::string running_part(const snapshot& from);
[[nodiscard]] std::string slow_part(const snapshot& from);
[[nodiscard]] std::string pools_part(const snapshot& from);
[[nodiscard]] std::string requests_part(const snapshot& from);
[[nodiscard]] std::string statements_part(const snapshot& from);

/// What has been running for longer than most queries take, the oldest first.
[[nodiscard]] std::vector<active_call> long_running(const snapshot& from);

/// The calls of slow_part: what was reported while it ran is left out once its end is known, and as
/// long as it is in running_part.
[[nodiscard]] std::vector<std::shared_ptr<const call_report>> ended_calls(const snapshot& from);

}  // namespace querytap::detail
