#pragma once

#include "cells.hpp"
#include "light_lock.hpp"
#include "page_source.hpp"
#include "shared_cells.hpp"

#include <querytap/recording/detail/lane.hpp>
#include <querytap/recording/detail/series.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace querytap::detail {

/// The cells of one thread, and their memory, which is freed with the lane and never before.
///
/// A lane has cells of its own for the series that its thread uses most; the records of the other
/// ones go to shared cells. While there is room, a series gets an own cell with its first record;
/// there is for `least_own` cells in each lane, and for more while there are few lanes, or little is in
/// memory. Afterwards one record in some `cold_records` of a series without an own cell makes it
/// compete: a clock hand, which goes round the own cells, looks at the next one and evicts it if it
/// had fewer than `records_in_use` records since the hand was there before. The evicted counts go to
/// the shared cell, and the new own cell starts from zero.
///
/// Threads  one writer at a time; a lane passes from a thread that ended to a new thread under the
///          mutex of the registry, which orders their writes.
class lane final : public lane_directory {
 public:
  /// Every lane has room for so many own cells.
  static constexpr std::uint32_t least_own = 64;

  /// `no_cells` is the chunk of every series that has no cell yet. It must outlive the lane, so it
  /// is not a static object, which ends with the plugin that it may belong to. `bytes` is the total
  /// of all memory; named series get no new cells above `byte_limit`.
  lane(std::uint64_t recorder_id, cell_chunk& no_cells, shared_cells& shared,
       std::atomic<std::size_t>& bytes, std::size_t byte_limit) noexcept
      : lane_directory{recorder_id},
        no_cells_{no_cells},
        shared_{shared},
        bytes_{bytes},
        byte_limit_{byte_limit},
        memory_{bytes} {
    for (auto& chunk : cells) chunk.store(&no_cells, std::memory_order_relaxed);
    bytes_.fetch_add(sizeof *this, std::memory_order_relaxed);
    shared_.add_lane();
  }

  /// Afterwards, the pending record is in its cell.
  void write_pending_out() noexcept;
  /// Makes a record the pending one, where there is none. False, with nothing recorded, if there is
  /// no place for it in a cell yet.
  [[nodiscard]] bool begin_pending(series& series, std::uint64_t value) noexcept;
  /// True while a record of the series is pending.
  [[nodiscard]] bool has_pending(const series& series) const noexcept {
    return pending_word::is_of(series.index, pending.word.load(std::memory_order_acquire));
  }
  /// The same, or while the record that was pending is being written into its cell.
  [[nodiscard]] bool has_unwritten(const series& series) const noexcept {
    if (has_pending(series)) return true;
    const cell* const own = find_cell(series.position, std::memory_order_acquire);
    return own != nullptr && own->version() % 2 != 0;
  }

  /// False if there is no memory: nothing is recorded.
  [[nodiscard]] bool record(series& series, std::uint64_t value) noexcept;
  [[nodiscard]] bool add(series& series, std::uint64_t amount) noexcept;
  /// Stores the value as an exemplar of the series, if the series has a cell and the reservoir
  /// accepts the value.
  void offer_exemplar(const series& series, std::uint64_t value,
                      const trace_context& trace) noexcept;

  /// From the collecting thread, which holds evictions(), for a series without bindings: its memory
  /// is used for other series.
  void retire(const series& retired) noexcept;

  /// While a collector holds this lock, no own cell of the lane is evicted: it sees each count on one
  /// side, and may read every cell that it finds in the directory.
  [[nodiscard]] light_lock& evictions() noexcept { return evictions_; }

 private:
  enum class victim : std::uint8_t { unused, any };

  [[nodiscard]] own_cell* find_own(position at) const noexcept;
  [[nodiscard]] bool has_room_for(const series& series) noexcept;
  [[nodiscard]] own_cell* make_own(series& series) noexcept;
  [[nodiscard]] own_cell* insist_on_own(series& series) noexcept;
  void count_cold(series& series) noexcept;
  [[nodiscard]] bool evict(victim kind) noexcept;
  [[nodiscard]] own_cell* next_own() noexcept;
  void deallocate_own(own_cell& old) noexcept;

  cell_chunk& no_cells_;
  shared_cells& shared_;
  // ORDER relaxed: a total for a limit and a self-metric; nothing is published with it.
  std::atomic<std::size_t>& bytes_;
  const std::size_t byte_limit_;
  page_source memory_;
  light_lock evictions_;
  std::uint16_t hand_ = 0;        // the index of the series at which the clock hand stands
  std::uint32_t made_cells_ = 0;  // from new memory
  // How many records without an own cell; for all series at one slot of their chunks together.
  std::array<std::uint8_t, chunk_size> cold_{};
};

/// While it exists, no cell of these lanes is evicted.
class evictions_held {
 public:
  explicit evictions_held(std::span<lane* const> lanes) : lanes_{lanes.begin(), lanes.end()} {
    for (lane* const lane : lanes_) lane->evictions().lock();
  }
  ~evictions_held() {
    for (lane* const lane : lanes_) lane->evictions().unlock();
  }
  evictions_held(const evictions_held&) = delete;
  evictions_held& operator=(const evictions_held&) = delete;

  [[nodiscard]] std::span<lane* const> lanes() const noexcept { return lanes_; }

 private:
  const std::vector<lane*> lanes_;
};

/// Visits the calls that these lanes show as begun and not ended: visit(series, slot).
template <class Lanes, class Visit>
void for_each_in_flight(const Lanes& lanes, Visit visit) {
  for (const auto& lane : lanes) {
    for (const in_flight_slot& slot : lane->in_flight) {
      const series* const series = slot.series.load(std::memory_order_acquire);
      if (series != nullptr) visit(*series, slot);
    }
  }
}

}  // namespace querytap::detail
