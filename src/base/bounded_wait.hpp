#pragma once

#include <algorithm>
#include <chrono>

namespace querytap::detail {

/// The wait, but no less than none and no more than a century: added to a time, others could overflow.
template <class Rep, class Period>
[[nodiscard]] constexpr std::chrono::duration<Rep, Period> bounded_wait(
    std::chrono::duration<Rep, Period> wait) noexcept {
  using duration = std::chrono::duration<Rep, Period>;
  return std::clamp(wait, duration::zero(),
                    std::chrono::duration_cast<duration>(std::chrono::hours{24 * 36'525}));
}

}  // namespace querytap::detail
