#pragma once

#include <concepts>
#include <limits>

namespace querytap::detail {

/// The sum, or the largest number there is where the sum would exceed it.
template <std::unsigned_integral Number>
[[nodiscard]] constexpr Number saturating_sum(Number a, Number b) noexcept {
  const Number sum = a + b;
  return sum < a ? std::numeric_limits<Number>::max() : sum;
}

/// The same at both ends.
template <std::signed_integral Number>
[[nodiscard]] constexpr Number saturating_sum(Number a, Number b) noexcept {
  Number sum{};
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b < 0 ? std::numeric_limits<Number>::min() : std::numeric_limits<Number>::max();
}

}  // namespace querytap::detail
