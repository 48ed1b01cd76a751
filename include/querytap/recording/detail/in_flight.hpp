#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/recording/detail/lane.hpp>
#include <querytap/recording/detail/series.hpp>

#include <cstdint>
#include <memory>

namespace querytap::detail {

/// Null if the call cannot be shown, which is counted.
[[nodiscard]] in_flight_slot* publish_slow(const series& what, std::uint64_t begin,
                                           const code_location& where) noexcept;

/// Null if all slots of the lane are taken.
[[nodiscard]] inline in_flight_slot* publish_in(lane_directory& lane, const series& what,
                                                std::uint64_t begin,
                                                const code_location& where) noexcept {
  for (in_flight_slot& slot : lane.in_flight) {
    // ORDER relaxed: nothing that the last user of the slot wrote is read.
    if (slot.series.load(std::memory_order_relaxed) != nullptr) continue;
    slot.begin.store(begin, std::memory_order_relaxed);
    slot.file.store(where.file_name(), std::memory_order_relaxed);
    slot.line.store(where.line(), std::memory_order_relaxed);
    slot.series.store(&what, std::memory_order_release);
    return &slot;
  }
  return nullptr;
}

/// Makes a call that begins now visible to the collector, until withdraw(). Null if it cannot be
/// shown.
///
/// Cost     a load and four stores for the first call of a thread; one more load for each that is
///          open.
[[nodiscard]] inline in_flight_slot* publish(const series& what, std::uint64_t begin,
                                             const code_location& where) noexcept {
  lane_directory& lane = *current_lane;
  if (lane.owner == what.recorder_id) [[likely]] {
    if (in_flight_slot* taken = publish_in(lane, what, begin, where)) [[likely]]
      return taken;
  }
  return publish_slow(what, begin, where);
}

/// From any thread.
inline void withdraw(in_flight_slot* slot) noexcept {
  if (slot != nullptr) slot->series.store(nullptr, std::memory_order_release);
}

/// A call in flight, as a look at its slot found it.
struct call_in_flight {
  const in_flight_slot* slot;
  const detail::series* series;
  std::shared_ptr<const series_identity> identity;
  std::shared_ptr<const statement_identity> statement;  // null where there is none
  std::uint64_t begin;                                  // ticks
  const char* file;
  std::uint32_t line;
};

}  // namespace querytap::detail
