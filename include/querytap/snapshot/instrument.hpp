#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace querytap {

/// An `info` states what is so, in the labels of series whose number is 1.
enum class instrument_kind : std::uint8_t { counter, up_down_counter, gauge, histogram, info };

/// What is measured. The catalog has those of the library; an application may define its own.
///
///     inline constexpr instrument cart_value{.name = "shop.cart.value", .unit = "{cent}",
///                                            .kind = instrument_kind::histogram,
///                                            .bounds = cart_bounds};
///
/// Units    UCUM, as OpenTelemetry writes them. Values in `s` are recorded in integer nanoseconds,
///          all others in whole units, or in the parts of a unit that the instrument names.
/// Lifetime instruments are referred to, not copied: give them static storage.
struct instrument {
  std::string_view name = {};
  std::string_view unit = {};
  instrument_kind kind = instrument_kind::counter;
  std::string_view description = {};
  std::span<const double> bounds = {};                ///< explicit bucket bounds, ascending
  std::span<const std::string_view> attributes = {};  ///< the keys that its series may carry
  /// Recorded integers per unit, a power of ten up to 10^9; 0: 10^9 for `s`, else 1.
  std::uint32_t parts = 0;

  /// Recorded integers per exported unit.
  [[nodiscard]] constexpr double recorded_per_unit() const noexcept {
    if (parts != 0) return parts;
    return unit == "s" ? 1e9 : 1.0;
  }
};

[[nodiscard]] std::string_view to_string(instrument_kind kind) noexcept;

}  // namespace querytap
