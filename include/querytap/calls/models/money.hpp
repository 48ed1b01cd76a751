#pragma once

#include <compare>
#include <cstdint>

namespace querytap {

/// An amount of US dollars, exact to a billionth.
///
///     const money limit = money::dollars(0.50);
///
/// Units    billionths of a dollar inside, dollars on every way out. Up to nine billion dollars.
struct money {
  std::int64_t nanodollars = 0;

  /// Rounded to a billionth; what is no number is nothing.
  [[nodiscard]] static constexpr money dollars(double amount) noexcept {
    constexpr double most = 9e9;
    if (!(amount >= -most)) return {amount < 0 ? -9'000'000'000'000'000'000 : 0};
    if (amount > most) return {9'000'000'000'000'000'000};
    return {static_cast<std::int64_t>(amount * 1e9 + (amount < 0 ? -0.5 : 0.5))};
  }
  [[nodiscard]] constexpr double in_dollars() const noexcept {
    return static_cast<double>(nanodollars) / 1e9;
  }

  friend constexpr auto operator<=>(const money&, const money&) = default;
};

}  // namespace querytap
