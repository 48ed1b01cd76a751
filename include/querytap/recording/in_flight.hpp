#pragma once

#include <querytap/recording/lane.hpp>
#include <querytap/recording/series.hpp>

#include <cstdint>

namespace querytap::detail {

/// Null if all slots of the lane are taken, which is counted.
[[nodiscard]] in_flight_slot* publish_slow(const series& what, std::uint64_t begin) noexcept;

/// Makes a call that begins now visible to the collector, until withdraw(). Null if it cannot be
/// shown.
///
/// Cost     a load and two stores for the first call of a thread; one more load for each that is
///          open.
[[nodiscard]] inline in_flight_slot* publish(const series& what, std::uint64_t begin) noexcept {
  lane_directory& lane = *current_lane;
  if (lane.owner == what.recorder_id) [[likely]] {
    for (in_flight_slot& slot : lane.in_flight) {
      // ORDER relaxed: nothing that the last user of the slot wrote is read.
      if (slot.what.load(std::memory_order_relaxed) != nullptr) continue;
      slot.begin.store(begin, std::memory_order_relaxed);
      slot.what.store(&what, std::memory_order_release);
      return &slot;
    }
  }
  return publish_slow(what, begin);
}

/// From any thread.
inline void withdraw(in_flight_slot* slot) noexcept {
  if (slot != nullptr) slot->what.store(nullptr, std::memory_order_release);
}

}  // namespace querytap::detail
