#pragma once

#include <querytap/base/detail/features.hpp>
#include <querytap/recording/detail/cell.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

struct series;

/// A call that has begun and not yet ended; free while `what` is null.
///
/// Threads  taken by the lane's thread; given up by whichever thread ends the call, or read, at any
///          time.
/// ORDER    `what` is stored with release after `begin`, and read by the collector with acquire
///          before it: a call that is seen is seen with its own beginning, or that of the next call
///          in its place.
struct in_flight_slot {
  std::atomic<const detail::series*> series{nullptr};
  std::atomic<std::uint64_t> begin{0};  // ticks
  std::atomic<const char*> file{""};    // of the line that made the call
  std::atomic<std::uint32_t> line{0};
};

/// Where a lane's cells and counters are found, by the index of their series.
///
/// Threads  entries are made by the lane's one writer and read by any collector.
/// ORDER    pointers are published with release and read by the collector with acquire, so that it
///          sees the cell behind the pointer made; the writer reads its own stores, relaxed.
struct lane_directory {
  static constexpr std::size_t chunk_size = 256;
  static constexpr std::size_t chunks = 256;
  static constexpr std::size_t capacity = chunk_size * chunks;
  // More than a thread has calls open at once, coroutines aside; what does not fit is counted.
  static constexpr std::size_t in_flight_slots = 16;

  /// The index of a series, taken apart once, when it is bound.
  struct position {
    std::uint16_t chunk = 0;
    std::uint16_t slot = 0;
  };

  using cell_chunk = std::array<std::atomic<cell*>, chunk_size>;
  // ORDER relaxed: no reader takes the value of one counter as a sign that another is ready.
  using counter_chunk = std::array<std::atomic<std::uint64_t>, chunk_size>;

  /// Null if the series has no cell in this lane yet.
  [[nodiscard]] cell* find_cell(
      position of, std::memory_order order = std::memory_order_relaxed) const noexcept {
    return (*cells[of.chunk].load(order))[of.slot].load(order);
  }

  [[nodiscard]] std::atomic<std::uint64_t>* find_counter(
      position of, std::memory_order order = std::memory_order_relaxed) const noexcept {
    counter_chunk* chunk = counters[of.chunk].load(order);
    return chunk == nullptr ? nullptr : &(*chunk)[of.slot];
  }

  /// The number of the recorder that the lane belongs to; no two recorders of a process have the
  /// same one, so that a new recorder at an old address is not taken for it.
  const std::uint64_t owner;
  /// Never null: where there is nothing yet, a chunk of nothing spares the hot path a check.
  std::array<std::atomic<cell_chunk*>, chunks> cells{};
  std::array<std::atomic<counter_chunk*>, chunks> counters{};
  std::array<in_flight_slot, in_flight_slots> in_flight{};
};

/// The lane that this thread recorded into last; never null. One constant-initialised pointer: a
/// plain load, no guard, and it fits the little room that a plugin finds in thread-local storage.
extern thread_local constinit lane_directory* current_lane QUERYTAP_INITIAL_EXEC;

}  // namespace querytap::detail
