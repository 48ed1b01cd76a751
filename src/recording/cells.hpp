#pragma once

#include "exemplar_reservoir.hpp"
#include "light_lock.hpp"
#include "page_source.hpp"

#include <querytap/recording/detail/cell.hpp>
#include <querytap/recording/detail/series.hpp>

#include <atomic>
#include <cstdint>

namespace querytap::detail {

/// A cell with the exemplars of its records.
struct sampled_cell : cell {
  // ORDER published with release, read by the collector with acquire.
  std::atomic<exemplar_reservoir*> exemplars{nullptr};
};

/// The cell of one series in one lane.
struct own_cell final : sampled_cell {
  detail::series* series = nullptr;  // set before the cell is published
  std::uint64_t checked = 0;         // its version when the lane last looked if it is in use
};

/// The cell of one series for all lanes that have none of their own.
struct shared_cell final : sampled_cell {
  light_lock writer;
};

static_assert(sizeof(own_cell) == 320 && sizeof(shared_cell) == 320);

/// Null if there is no memory.
[[nodiscard]] inline exemplar_reservoir* exemplars_in(sampled_cell& sampled,
                                                      page_source& memory) noexcept {
  exemplar_reservoir* known = sampled.exemplars.load(std::memory_order_relaxed);
  if (known != nullptr) return known;
  auto* const fresh = memory.make<exemplar_reservoir>();
  if (fresh != nullptr) sampled.exemplars.store(fresh, std::memory_order_release);
  return fresh;
}

/// Once no thread uses the cell.
template <class Cell>
void deallocate(Cell& unused, const bucket_layout& layout, page_source& memory) noexcept {
  if (auto* const exemplars = unused.exemplars.load(std::memory_order_acquire))
    memory.deallocate(exemplars);
  unused.deallocate_pages(layout, memory);
  memory.deallocate(&unused);
}

}  // namespace querytap::detail
