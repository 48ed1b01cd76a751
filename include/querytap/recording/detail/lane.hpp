#pragma once

#include <querytap/base/detail/features.hpp>
#include <querytap/recording/detail/cell.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

struct series;

/// A call that has begun and not yet ended; free while `series` is null.
///
/// Threads  taken by the lane's thread; freed by the thread that ends the call; read by the
///          collector at any time.
/// ORDER    `series` is stored with release after the other members, and loaded by the collector
///          with acquire before them: the collector sees a call with its own members, or with some
///          of the next call in the slot. `slow_after` is stored with release after `begin`, and
///          loaded with acquire before it, so that no call is taken for slow by another call's
///          threshold: `begin` is as new as `slow_after`, or newer, and a call that has just begun
///          is not slow. On x86 these are the same instructions as relaxed ones.
struct in_flight_slot {
  std::atomic<const detail::series*> series{nullptr};
  std::atomic<std::uint64_t> begin{0};       // ticks
  std::atomic<std::uint64_t> slow_after{0};  // nanoseconds that the call may take
  std::atomic<const void*> site{
      nullptr};  // code_location::pointer() of the line that made the call
};

/// The last call of a lane's thread, to be recorded when the next one ends.
struct pending_record {
  pending_word word;
  // Of the lane's thread alone; null before the first call.
  detail::series* series = nullptr;
  cell::page* bucket = nullptr;
};

/// Where a lane's own cells and its counters are found, by the index of their series. A series that the
/// thread rarely uses has no own cell: its records are in the cell that such lanes share.
///
/// Threads  entries are made by the lane's one writer and read by any collector.
/// ORDER    pointers are published with release and loaded by the collector with acquire, so that
///          the collector sees a cell that is complete; the writer reads its own stores, relaxed.
struct alignas(64) lane_directory {
  static constexpr std::size_t chunk_size = 256;
  static constexpr std::size_t chunks = 256;
  static constexpr std::size_t capacity = chunk_size * chunks;
  // More than a thread has calls open at once, coroutines aside; a call without a slot is counted.
  static constexpr std::size_t in_flight_slots = 16;

  /// The index of a series, taken apart once, when the series is bound.
  struct position {
    std::uint16_t chunk = 0;
    std::uint16_t slot = 0;
  };

  using cell_chunk = std::array<std::atomic<cell*>, chunk_size>;
  // ORDER relaxed: no reader takes the value of one counter as a sign that another is ready.
  using counter_chunk = std::array<std::atomic<std::uint64_t>, chunk_size>;

  /// Null if the series has no cell in this lane.
  [[nodiscard]] cell* find_cell(
      position place, std::memory_order order = std::memory_order_relaxed) const noexcept {
    return (*cells[place.chunk].load(order))[place.slot].load(order);
  }

  [[nodiscard]] std::atomic<std::uint64_t>* find_counter(
      position place, std::memory_order order = std::memory_order_relaxed) const noexcept {
    counter_chunk* chunk = counters[place.chunk].load(order);
    return chunk == nullptr ? nullptr : &(*chunk)[place.slot];
  }

  /// The number of the recorder that the lane belongs to; no two recorders of a process have the
  /// same number, so that a new recorder at an old address is not taken for the old one.
  const std::uint64_t owner;
  /// Of the lane's thread; null where that is not known.
  const unsigned* uncaught_exceptions = nullptr;
  pending_record pending{};
  alignas(64) std::array<in_flight_slot, in_flight_slots> in_flight{};
  /// Never null: a shared empty chunk stands for those not made yet, and spares the hot path a
  /// check.
  std::array<std::atomic<cell_chunk*>, chunks> cells{};
  std::array<std::atomic<counter_chunk*>, chunks> counters{};
};

/// The lane that this thread recorded into last; never null. One constant-initialised pointer: a
/// plain load without a guard, and small enough for the thread-local storage left to a plugin.
extern thread_local constinit lane_directory* current_lane QUERYTAP_INITIAL_EXEC;

}  // namespace querytap::detail
