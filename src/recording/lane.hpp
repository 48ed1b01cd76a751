#pragma once

#include "exemplar_reservoir.hpp"
#include "page_source.hpp"

#include <querytap/recording/detail/lane.hpp>
#include <querytap/recording/detail/series.hpp>

#include <cstddef>

namespace querytap::detail {

/// All the cells of one thread, and their memory, which is freed with the lane and never before.
///
/// Threads  one writer at a time; a lane passes from a thread that ended to a new thread under the
///          mutex of the registry, which orders their writes.
class lane final : public lane_directory {
 public:
  /// `no_cells` is the chunk of every series that has no cell yet. It must outlive the lane, so it
  /// is not a static object, which ends with the plugin that it may belong to. `bytes` is the total
  /// of all lanes; named series get no new cells above `byte_limit`.
  lane(std::uint64_t recorder_id, cell_chunk& no_cells, std::atomic<std::size_t>& bytes,
       std::size_t byte_limit) noexcept
      : lane_directory{recorder_id},
        no_cells_{no_cells},
        bytes_{bytes},
        byte_limit_{byte_limit},
        memory_{bytes} {
    for (auto& chunk : cells) chunk.store(&no_cells, std::memory_order_relaxed);
    bytes_.fetch_add(sizeof *this, std::memory_order_relaxed);
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

  /// False if there is no memory: nothing is recorded.
  [[nodiscard]] bool record(series& series, std::uint64_t value) noexcept;
  [[nodiscard]] bool add(series& series, std::uint64_t amount) noexcept;
  /// Stores the value as an exemplar of the series, if the series has a cell and the reservoir
  /// accepts the value.
  void offer_exemplar(const series& series, std::uint64_t value,
                      const trace_context& trace) noexcept;
  /// Null if the series has no exemplars in this lane.
  [[nodiscard]] const exemplar_reservoir* find_exemplars(position at) const noexcept;

  /// From the collecting thread, for a series without bindings: its memory is used for other
  /// series.
  void retire(const series& retired) noexcept;

 private:
  using exemplar_chunk = std::array<std::atomic<exemplar_reservoir*>, chunk_size>;

  [[nodiscard]] exemplar_reservoir* find_or_make_exemplars(position at) noexcept;
  [[nodiscard]] const series& series_with_room(const series& named) noexcept;
  [[nodiscard]] cell* make_cell(position at) noexcept;

  cell_chunk& no_cells_;
  // ORDER relaxed: a total for a limit and a self-metric; nothing is published with it.
  std::atomic<std::size_t>& bytes_;
  const std::size_t byte_limit_;
  page_source memory_;
  // ORDER as for cells: published with release, read by the collector with acquire.
  std::array<std::atomic<exemplar_chunk*>, chunks> exemplars_{};
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
