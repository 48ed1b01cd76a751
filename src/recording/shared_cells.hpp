#pragma once

#include "cells.hpp"
#include "light_lock.hpp"
#include "page_source.hpp"

#include <querytap/base/trace_context.hpp>
#include <querytap/recording/detail/series.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

/// The cells that all lanes of a recorder share, one for each series: for the records of the pairs of a
/// lane and a series that have no cell of their own.
///
/// Threads  any number at once. None waits: one that finds a cell or the memory in use takes another
///          way, for which a lane lends its own memory, `spare`.
/// Cost     a record as in a cell of its own, and a locked instruction;
///          bench/recording/crowd_bench.cpp.
/// ORDER    series::shared is published with release and loaded with acquire.
class shared_cells {
 public:
  /// Named series get no new cells, but for those of retired ones, while the total of all memory,
  /// `bytes`, is above `byte_limit`.
  shared_cells(std::atomic<std::size_t>& bytes, std::size_t byte_limit) noexcept
      : bytes_{bytes}, byte_limit_{byte_limit}, memory_{bytes} {}

  /// How many lanes may share the cells.
  [[nodiscard]] std::size_t lanes() const noexcept {
    return lanes_.load(std::memory_order_relaxed);
  }
  void add_lane() noexcept { lanes_.fetch_add(1, std::memory_order_relaxed); }

  enum class outcome : std::uint8_t {
    recorded,
    in_use,  // by another thread
    full     // no memory, or above the limit
  };

  [[nodiscard]] outcome record(series& series, std::uint64_t value, page_source& spare) noexcept;
  /// As lane::offer_exemplar(). Not stored while another thread uses the cell.
  void offer_exemplar(const series& series, std::uint64_t value, const trace_context& trace,
                      page_source& spare) noexcept;
  /// Adds all that the cell has recorded to the shared cell of its series. False, with nothing added,
  /// if the shared cell is in use or there is no memory.
  [[nodiscard]] bool absorb(const own_cell& evicted, page_source& spare) noexcept;

  /// From the collecting thread, for a series that no lane records into.
  void retire(series& retired) noexcept;

 private:
  [[nodiscard]] shared_cell* find_or_make(series& series, page_source& spare) noexcept;

  // ORDER relaxed: a total for a limit and a self-metric; nothing is published with it.
  std::atomic<std::size_t>& bytes_;
  const std::size_t byte_limit_;
  // ORDER relaxed: a number to decide by.
  std::atomic<std::size_t> lanes_{0};
  light_lock allocation_;
  page_source memory_;  // of who holds `allocation_`
  // ORDER relaxed: false only spares a look into `memory_` above the limit.
  std::atomic<bool> may_have_spare_{false};
};

}  // namespace querytap::detail
