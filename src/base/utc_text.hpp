#pragma once

#include <chrono>
#include <string>

namespace querytap::detail {

/// `2026-11-29`, in UTC.
[[nodiscard]] std::string utc_date_text(std::chrono::sys_seconds time);
/// `09:05:00`, in UTC.
[[nodiscard]] std::string utc_clock_text(std::chrono::sys_seconds time);

}  // namespace querytap::detail
