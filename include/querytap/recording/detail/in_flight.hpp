#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/recording/detail/lane.hpp>
#include <querytap/recording/detail/series.hpp>

#include <cstdint>

namespace querytap::detail {

/// What is published as slow_after by a request, which is reported once it is over, and by a call of
/// which is not yet known what it may take.
inline constexpr std::uint64_t never_slow = UINT64_MAX;

/// Null if the call cannot be shown, which is counted.
[[nodiscard]] in_flight_slot* publish_slow(const series& series, std::uint64_t begin,
                                           std::uint64_t slow_after, code_location site) noexcept;

/// Null if all slots of the lane are taken.
[[nodiscard]] inline in_flight_slot* publish_in(lane_directory& lane, const series& series,
                                                std::uint64_t begin, std::uint64_t slow_after,
                                                code_location site) noexcept {
  for (in_flight_slot& slot : lane.in_flight) {
    // ORDER relaxed: nothing that the last user of the slot wrote is read.
    if (slot.series.load(std::memory_order_relaxed) != nullptr) continue;
    slot.begin.store(begin, std::memory_order_relaxed);
    slot.slow_after.store(slow_after, std::memory_order_release);
    slot.site.store(site.pointer(), std::memory_order_relaxed);
    slot.series.store(&series, std::memory_order_release);
    return &slot;
  }
  return nullptr;
}

/// Makes a call that begins now visible to the collector, until withdraw(). Null if it cannot be
/// shown. The call is slow once it has run for more than `slow_after` nanoseconds.
///
/// Cost     a load and four stores for the first call of a thread; one more load for each that is
///          open.
[[nodiscard]] inline in_flight_slot* publish(const series& series, std::uint64_t begin,
                                             std::uint64_t slow_after,
                                             code_location site) noexcept {
  lane_directory& lane = *current_lane;
  if (lane.owner == series.recorder_id) [[likely]] {
    if (in_flight_slot* taken = publish_in(lane, series, begin, slow_after, site)) [[likely]]
      return taken;
  }
  return publish_slow(series, begin, slow_after, site);
}

/// From any thread.
inline void withdraw(in_flight_slot* slot) noexcept {
  if (slot != nullptr) slot->series.store(nullptr, std::memory_order_release);
}

}  // namespace querytap::detail
