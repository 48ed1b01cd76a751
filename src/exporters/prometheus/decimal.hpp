#pragma once

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>

namespace querytap::detail {

/// The most bytes that one number takes.
inline constexpr std::size_t most_digits = 24;

/// Write a number in decimal and return the end; `to` has room for `most_digits`.
template <class Integer>
char* write_decimal(char* to, Integer number) noexcept {
  return std::to_chars(to, to + most_digits, number).ptr;
}

/// A recorded integer in its exported unit: 1500000000 ns as 1.5. Exact, where a double would round
/// what is above 2^53.
char* write_in_unit(char* to, std::uint64_t recorded, double recorded_per_unit) noexcept;
char* write_in_unit(char* to, std::int64_t recorded, double recorded_per_unit) noexcept;

/// A number as Go writes it, which OpenMetrics calls canonical: always with a point or an exponent.
[[nodiscard]] std::string canonical_number(double number);

}  // namespace querytap::detail
