#include "lane.hpp"

#include "registry.hpp"

#include <utility>

namespace querytap::detail {

bool lane::record(series& named, std::uint64_t value) noexcept {
  const series& counted = series_with_room(named);
  cell* lane_cell = find_cell(counted.position);
  if (lane_cell == nullptr) lane_cell = make_cell(counted.position);
  if (lane_cell == nullptr) return false;
  const bucket_layout::place place = counted.layout->find(value);
  return lane_cell->record(place, value) ||
         lane_cell->record_slow(place, value, *counted.layout, memory_);
}

void lane::write_pending_out() noexcept {
  if (pending.series == nullptr) return;
  const series& target = *std::exchange(pending.series, nullptr);
  // ORDER relaxed: only this thread writes the word.
  const std::uint64_t value = pending_word::value_of(pending.word.load(std::memory_order_relaxed));
  const bool recorded = find_cell(target.position)
                            ->record_slow(target.layout->find(value), value, *target.layout,
                                          memory_, {.word = &pending.word, .next = 0});
  if (recorded) return;
  target.home->count_dropped();
  pending.word.store(0);
}

bool lane::begin_pending(series& series, std::uint64_t value) noexcept {
  const cell* const target = find_cell(series.position);
  if (target == nullptr || value > pending_word::most) return false;
  cell::page* const bucket = target->find_bucket(series.layout->find(value));
  if (bucket == nullptr) return false;
  pending.word.store(pending_word::made_of(series.index, value));
  pending.series = &series;
  pending.bucket = bucket;
  return true;
}

bool lane::add(series& series, std::uint64_t amount) noexcept {
  std::atomic<counter_chunk*>& slot = counters[series.position.chunk];
  counter_chunk* chunk = slot.load(std::memory_order_relaxed);
  if (chunk == nullptr) {
    chunk = memory_.make<counter_chunk>();
    if (chunk == nullptr) return false;
    slot.store(chunk, std::memory_order_release);
  }
  std::atomic<std::uint64_t>& count = (*chunk)[series.position.slot];
  count.store(count.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  return true;
}

// The limit applies to named series only: their records are still counted in the overflow series, whose
// bounds may be others.
const series& lane::series_with_room(const series& named) noexcept {
  if (named.overflow == nullptr || find_cell(named.position) != nullptr) return named;
  const bool full =
      bytes_.load(std::memory_order_relaxed) >= byte_limit_ && !memory_.has_spare<cell>();
  return full ? *named.overflow : named;
}

cell* lane::make_cell(position at) noexcept {
  std::atomic<cell_chunk*>& slot = cells[at.chunk];
  cell_chunk* chunk = slot.load(std::memory_order_relaxed);
  if (chunk == &no_cells_) {
    chunk = memory_.make<cell_chunk>();
    if (chunk == nullptr) return nullptr;
    slot.store(chunk, std::memory_order_release);
  }
  auto* fresh = memory_.make<cell>();
  if (fresh != nullptr) {
    (*chunk)[at.slot].store(fresh, std::memory_order_release);
  }
  return fresh;
}

void lane::offer_exemplar(const series& series, std::uint64_t value,
                          const trace_context& trace) noexcept {
  if (find_cell(series.position) == nullptr) return;
  if (exemplar_reservoir* const exemplars = find_or_make_exemplars(series.position)) {
    exemplars->offer(value, trace, series.home->time(), series.home->next_collection());
  }
}

const exemplar_reservoir* lane::find_exemplars(position at) const noexcept {
  const exemplar_chunk* chunk = exemplars_[at.chunk].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : (*chunk)[at.slot].load(std::memory_order_acquire);
}

exemplar_reservoir* lane::find_or_make_exemplars(position at) noexcept {
  exemplar_chunk* chunk = exemplars_[at.chunk].load(std::memory_order_relaxed);
  if (chunk == nullptr) {
    chunk = memory_.make<exemplar_chunk>();
    if (chunk == nullptr) return nullptr;
    exemplars_[at.chunk].store(chunk, std::memory_order_release);
  }
  exemplar_reservoir* known = (*chunk)[at.slot].load(std::memory_order_relaxed);
  if (known != nullptr) return known;
  auto* fresh = memory_.make<exemplar_reservoir>();
  if (fresh != nullptr) (*chunk)[at.slot].store(fresh, std::memory_order_release);
  return fresh;
}

// ORDER every store of the writers is visible: they end their use of the series with release, and
//       the collector has found the series unused, with acquire, before this call.
void lane::retire(const series& retired) noexcept {
  const position at = retired.position;
  if (retired.layout == nullptr) {
    auto* count = find_counter(at, std::memory_order_acquire);
    if (count != nullptr) count->store(0, std::memory_order_relaxed);
    return;
  }
  cell* const old = find_cell(at, std::memory_order_acquire);
  if (old == nullptr) return;
  (*cells[at.chunk].load(std::memory_order_acquire))[at.slot].store(nullptr,
                                                                    std::memory_order_release);
  old->deallocate_pages(*retired.layout, memory_);
  memory_.deallocate(old);
  exemplar_chunk* const chunk = exemplars_[at.chunk].load(std::memory_order_acquire);
  if (chunk == nullptr) return;
  exemplar_reservoir* const exemplars =
      (*chunk)[at.slot].exchange(nullptr, std::memory_order_acq_rel);
  if (exemplars != nullptr) memory_.deallocate(exemplars);
}

}  // namespace querytap::detail
