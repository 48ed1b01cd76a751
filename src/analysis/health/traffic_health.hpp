#pragma once

#include <querytap/base/attribute.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/snapshot/health_report.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <string>

namespace querytap::detail {

/// What the application's own calls show of a component.
struct traffic {
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;
  std::string most_frequent_error = {};  ///< `error.type`
  double p99 = 0;                        ///< seconds, of the calls that succeeded
  std::uint64_t hanging = 0;             ///< calls in flight for longer than a probe may take
};

/// The calls whose series have all of these labels, of the snapshot's span; `hanging_after` is for those in flight.
[[nodiscard]] traffic traffic_of(const snapshot& recorded, const attributes& labels,
                                 std::chrono::nanoseconds hanging_after);

/// Failures that are too few to say anything are no reason to worry, and a component that answers some calls is
/// never `fail` by its traffic alone, unless half of them fail.
/// `slow_from`: the p99 from which on calls are too slow; 0: never.
[[nodiscard]] health_measurement judge(const traffic& seen, std::chrono::nanoseconds slow_from);

/// True if calls succeeded between two looks, so that nothing need be asked.
[[nodiscard]] bool answers_calls(const traffic& since_last_look) noexcept;

}  // namespace querytap::detail
