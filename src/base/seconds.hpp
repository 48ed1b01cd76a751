#pragma once

#include <chrono>

namespace querytap::detail {

/// Seconds, the unit of durations on every way out.
[[nodiscard]] constexpr double seconds_of(std::chrono::nanoseconds duration) noexcept {
  return std::chrono::duration<double>{duration}.count();
}

}  // namespace querytap::detail
