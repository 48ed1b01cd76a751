#pragma once

#include <querytap/base/duration.hpp>

#include <cstdint>
#include <string>

namespace querytap {

/// Quantities as people read them, for pages, messages and reports.
///
///     human_duration(call.duration);   // "812 ns", "4.81 µs", "30.2 ms", "1.50 s"
///     human_count(row.calls);          // "1,234,567"
[[nodiscard]] std::string human_duration(std::chrono::nanoseconds duration);

/// Seconds are for quantiles, which are fractions of a nanosecond or, of an empty histogram, not a
/// number: "–".
[[nodiscard]] std::string human_duration(double seconds);

/// Digits in groups of three.
[[nodiscard]] std::string human_count(std::uint64_t count);

}  // namespace querytap
