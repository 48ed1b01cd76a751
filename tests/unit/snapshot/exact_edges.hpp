#pragma once

#include <querytap/snapshot/instrument.hpp>
#include <unit/snapshot/whole_number.hpp>

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

namespace querytap::testing {

/// Up to here every edge is exact. Above, an edge is as good as the double that is exported, which has fewer bits to
/// spare where a unit has fewer parts than there are nanoseconds in a second.
[[nodiscard]] inline std::uint64_t exact_up_to(const instrument& instrument) {
  return std::uint64_t{1} << (instrument.parts == 0 ? 52 : 50);
}

[[nodiscard]] inline std::uint64_t integers_per_unit(const instrument& instrument) {
  if (instrument.parts != 0) return instrument.parts;
  return instrument.unit == "s" ? 1'000'000'000 : 1;
}

/// A bound as recorded integer, by moving the decimal point of its text.
[[nodiscard]] inline std::uint64_t exact_bound_edge(const instrument& instrument, double bound) {
  std::string digits = fmt::format("{:.9f}", bound);
  if (std::stod(digits) != bound) throw std::logic_error{"the bound has more than nine decimals"};
  const std::size_t point = digits.find('.');
  digits.erase(point, 1);
  // Of ten, a hundred, … parts as many digits count as there are zeros in that.
  digits.erase(point + std::to_string(integers_per_unit(instrument)).size() - 1);
  return std::stoull(digits);
}

/// The ends of the exponential buckets at scale 3 as recorded integers, from 1 on, found by
/// bisection of the definition; the largest integer ends the last.
[[nodiscard]] inline std::vector<std::uint64_t> exact_exponential_edges(
    const instrument& instrument) {
  constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
  const std::uint64_t per_unit = integers_per_unit(instrument);
  std::vector<std::uint64_t> edges;
  for (std::uint64_t next = 1;;) {
    const int index = exact_exponential_index(next, per_unit);
    std::uint64_t low = next;
    std::uint64_t high = most;
    while (low < high) {
      const std::uint64_t middle = high - (high - low) / 2;
      if (exact_exponential_index(middle, per_unit) <= index) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    edges.push_back(low);
    if (low == most) return edges;
    next = low + 1;
  }
}

}  // namespace querytap::testing
