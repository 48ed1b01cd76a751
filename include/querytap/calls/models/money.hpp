#pragma once

#include <compare>
#include <cstdint>

namespace querytap {

/// An amount of US dollars, exact to a billionth.
///
///     const money limit = money::dollars(20);
///
/// Units    billionths of a dollar inside, dollars on every way out.
struct money {
  std::int64_t nanodollars = 0;

  [[nodiscard]] static constexpr money dollars(std::int64_t whole) noexcept {
    return {whole * 1'000'000'000};
  }
  [[nodiscard]] constexpr double in_dollars() const noexcept {
    return static_cast<double>(nanodollars) / 1e9;
  }

  friend constexpr auto operator<=>(const money&, const money&) = default;
};

}  // namespace querytap
