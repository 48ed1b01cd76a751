#pragma once

#include <algorithm>
#include <chrono>
#include <limits>

namespace querytap::detail {

/// Until then, for poll(2) and its like: rounded up, so that a wait does not end before its time; 0 afterwards.
[[nodiscard]] inline int milliseconds_left(std::chrono::steady_clock::time_point until) noexcept {
  using std::chrono::milliseconds;
  const auto left =
      std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now()).count();
  return static_cast<int>(std::clamp<milliseconds::rep>(left, 0, std::numeric_limits<int>::max()));
}

}  // namespace querytap::detail
