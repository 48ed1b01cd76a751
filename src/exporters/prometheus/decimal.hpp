#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

namespace querytap::detail {

/// The most bytes that one number takes.
inline constexpr std::size_t most_digits = 24;

/// Writes a number in decimal and returns the end; `out` has room for `most_digits`.
template <class Integer>
char* write_decimal(char* out, Integer number) noexcept {
  return std::to_chars(out, out + most_digits, number).ptr;
}

/// A recorded integer in its exported unit: 1500000000 ns as 1.5. Exact above 2^53 as well, where a
/// double would be rounded.
char* write_in_unit(char* out, std::uint64_t recorded, double recorded_per_unit) noexcept;
char* write_in_unit(char* out, std::int64_t recorded, double recorded_per_unit) noexcept;

/// A number as Go writes it, which OpenMetrics calls canonical: always with a point or an exponent.
[[nodiscard]] std::string canonical_number(double number);

}  // namespace querytap::detail
