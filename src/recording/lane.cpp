#include "lane.hpp"

#include "registry.hpp"

#include <algorithm>
#include <limits>
#include <mutex>
#include <utility>

namespace querytap::detail {
namespace {

// The lanes of so few threads, one of which collects, have nothing to gain by sharing.
constexpr std::size_t few_lanes = 2;
// While all memory is below this, and below a 64th of the byte limit, even the rarest series get cells of
// their own.
constexpr std::size_t ample_bytes = std::size_t{1} << 20;
// A series without an own cell competes once in so many records.
constexpr std::uint8_t cold_records = 64;
// An own cell with fewer records in a round of the clock hand is not in use. With these numbers, and
// calls that are distributed as Zipf's law says, a lane settles on some of its hottest series.
constexpr std::uint64_t records_in_use = 16;
constexpr std::uint64_t version_per_record = 2;
// Where a record cannot be written otherwise, so many cells are tried for eviction.
constexpr int most_victims = 4;

}  // namespace

bool lane::record(series& series, std::uint64_t value) noexcept {
  own_cell* own = find_own(series.position);
  if (own == nullptr && has_room_for(series)) own = make_own(series);
  if (own == nullptr) {
    const auto outcome = shared_.record(series, value, memory_);
    if (outcome == shared_cells::outcome::recorded) {
      count_cold(series);
      return true;
    }
    if (outcome == shared_cells::outcome::in_use) own = insist_on_own(series);
  }
  // What there is no room for is still counted in the overflow series, whose bounds may be others.
  if (own == nullptr) return series.overflow != nullptr && record(*series.overflow, value);
  const bucket_layout::place place = series.layout->find(value);
  return own->record(place, value) || own->record_slow(place, value, *series.layout, memory_);
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

own_cell* lane::find_own(position at) const noexcept {
  return static_cast<own_cell*>(find_cell(at));
}

// The byte limit applies to named series only.
bool lane::has_room_for(const series& series) noexcept {
  if (memory_.has_spare<own_cell>()) return true;
  const std::size_t bytes = bytes_.load(std::memory_order_relaxed);
  const bool is_below_limit = series.overflow == nullptr || bytes < byte_limit_;
  const bool is_ample =
      shared_.lanes() <= few_lanes || bytes < std::min(ample_bytes, byte_limit_ / 64);
  return is_below_limit && (made_cells_ < least_own || is_ample);
}

own_cell* lane::make_own(series& series) noexcept {
  const position at = series.position;
  std::atomic<cell_chunk*>& slot = cells[at.chunk];
  cell_chunk* chunk = slot.load(std::memory_order_relaxed);
  if (chunk == &no_cells_) {
    chunk = memory_.make<cell_chunk>();
    if (chunk == nullptr) return nullptr;
    slot.store(chunk, std::memory_order_release);
  }
  if (!memory_.has_spare<own_cell>()) ++made_cells_;
  auto* const fresh = memory_.make<own_cell>();
  if (fresh == nullptr) return nullptr;
  fresh->series = &series;
  // As if it had been in use: the hand may be here before the cell has had its time.
  fresh->checked = 0 - records_in_use * version_per_record;
  (*chunk)[at.slot].store(fresh, std::memory_order_release);
  return fresh;
}

// Two threads that use the shared cell at once, and neither may wait. One more cell than there is room
// for is made only while a collector holds this lane, or other threads use all the shared cells that
// were tried.
own_cell* lane::insist_on_own(series& series) noexcept {
  const bool may_make_more =
      series.overflow == nullptr || bytes_.load(std::memory_order_relaxed) < byte_limit_;
  return evict(victim::any) || may_make_more ? make_own(series) : nullptr;
}

void lane::count_cold(series& series) noexcept {
  std::uint8_t& count = cold_[series.position.slot];
  if (++count < cold_records) return;
  count = 0;
  if (evict(victim::unused)) static_cast<void>(make_own(series));
}

// The counts are in the shared cell before the own cell is gone from the directory, so that the sum of
// the versions, which collectors compare, never falls.
bool lane::evict(victim kind) noexcept {
  const std::unique_lock lock{evictions_, std::try_to_lock};
  if (!lock.owns_lock()) return false;
  for (int tries = kind == victim::any ? most_victims : 1; tries > 0; --tries) {
    own_cell* const next = next_own();
    if (next == nullptr) return false;
    const std::uint64_t version = next->version();
    const std::uint64_t since = version - std::exchange(next->checked, version);
    const bool is_in_use = since >= records_in_use * version_per_record;
    if (is_in_use && kind == victim::unused) continue;
    if (pending.series == next->series) write_pending_out();
    if (!shared_.absorb(*next, memory_)) continue;
    deallocate_own(*next);
    return true;
  }
  return false;
}

// The clock hand goes on to the next series with an own cell. Null if there is none.
own_cell* lane::next_own() noexcept {
  static_assert(capacity == std::numeric_limits<decltype(hand_)>::max() + std::size_t{1});
  for (std::size_t looked_at = 0; looked_at < capacity + chunk_size;) {
    const cell_chunk* const chunk = cells[hand_ / chunk_size].load(std::memory_order_relaxed);
    const std::size_t slot = hand_ % chunk_size;
    const bool is_empty = chunk == &no_cells_;
    const std::size_t step = is_empty ? chunk_size - slot : 1;
    hand_ = static_cast<std::uint16_t>(hand_ + step);
    looked_at += step;
    cell* const found = is_empty ? nullptr : (*chunk)[slot].load(std::memory_order_relaxed);
    if (found != nullptr) return static_cast<own_cell*>(found);
  }
  return nullptr;
}

void lane::deallocate_own(own_cell& old) noexcept {
  const position at = old.series->position;
  (*cells[at.chunk].load(std::memory_order_acquire))[at.slot].store(nullptr,
                                                                    std::memory_order_release);
  deallocate(old, *old.series->layout, memory_);
}

void lane::offer_exemplar(const series& series, std::uint64_t value,
                          const trace_context& trace) noexcept {
  own_cell* const own = find_own(series.position);
  if (own == nullptr) return shared_.offer_exemplar(series, value, trace, memory_);
  if (exemplar_reservoir* const exemplars = exemplars_in(*own, memory_))
    exemplars->offer(value, trace, series.home->time(), series.home->next_collection());
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
  if (old != nullptr) deallocate_own(static_cast<own_cell&>(*old));
}

}  // namespace querytap::detail
