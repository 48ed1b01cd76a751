#pragma once

#include <querytap/recording/lane.hpp>
#include <querytap/recording/series.hpp>

#include <cstdint>

namespace querytap::detail {

/// Null if the call cannot be shown, which is counted.
[[nodiscard]] in_flight_slot* publish_slow(const series& what, std::uint64_t begin) noexcept;

/// Null if all slots of the lane are taken.
[[nodiscard]] inline in_flight_slot* publish_in(lane_directory& lane, const series& what,
                                                std::uint64_t begin) noexcept {
  for (in_flight_slot& slot : lane.in_flight) {
    // ORDER relaxed: nothing that the last user of the slot wrote is read.
    if (slot.what.load(std::memory_order_relaxed) != nullptr) continue;
    slot.begin.store(begin, std::memory_order_relaxed);
    slot.what.store(&what, std::memory_order_release);
    return &slot;
  }
  return nullptr;
}

/// Makes a call that begins now visible to the collector, until withdraw(). Null if it cannot be
/// shown.
///
/// Cost     a load and two stores for the first call of a thread; one more load for each that is
///          open.
[[nodiscard]] inline in_flight_slot* publish(const series& what, std::uint64_t begin) noexcept {
  lane_directory& lane = *current_lane;
  if (lane.owner == what.recorder_id) [[likely]] {
    if (in_flight_slot* taken = publish_in(lane, what, begin)) [[likely]]
      return taken;
  }
  return publish_slow(what, begin);
}

/// From any thread.
inline void withdraw(in_flight_slot* slot) noexcept {
  if (slot != nullptr) slot->what.store(nullptr, std::memory_order_release);
}

}  // namespace querytap::detail
