#include "lane.hpp"

#include "registry.hpp"

namespace querytap::detail {

bool lane::record(series& to, std::uint64_t value) noexcept {
  cell* in = find_or_make_cell(to);
  if (in == nullptr) return false;
  const bucket_layout::place where = to.layout->find(value);
  return in->record(where, value) || in->record_slow(where, value, *to.layout, memory_);
}

bool lane::add(series& to, std::uint64_t amount) noexcept {
  std::atomic<counter_chunk*>& slot = counters[to.position.chunk];
  counter_chunk* chunk = slot.load(std::memory_order_relaxed);
  if (chunk == nullptr) {
    chunk = memory_.make<counter_chunk>();
    if (chunk == nullptr) return false;
    slot.store(chunk, std::memory_order_release);
  }
  std::atomic<std::uint64_t>& count = (*chunk)[to.position.slot];
  count.store(count.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  return true;
}

// The limit falls on named series only: what they lose is still counted in the overflow series.
cell* lane::find_or_make_cell(series& to) noexcept {
  if (cell* existing = find_cell(to.position)) return existing;
  const bool full =
      bytes_.load(std::memory_order_relaxed) >= byte_limit_ && !memory_.has_spare<cell>();
  if (!full || to.overflow == nullptr) return make_cell(to.position);
  cell* shared = find_cell(to.overflow->position);
  return shared != nullptr ? shared : make_cell(to.overflow->position);
}

cell* lane::make_cell(position of) noexcept {
  std::atomic<cell_chunk*>& slot = cells[of.chunk];
  cell_chunk* chunk = slot.load(std::memory_order_relaxed);
  if (chunk == &no_cells_) {
    chunk = memory_.make<cell_chunk>();
    if (chunk == nullptr) return nullptr;
    slot.store(chunk, std::memory_order_release);
  }
  auto* fresh = memory_.make<cell>();
  if (fresh != nullptr) {
    (*chunk)[of.slot].store(fresh, std::memory_order_release);
  }
  return fresh;
}

void lane::offer_exemplar(const series& of, std::uint64_t value,
                          const trace_context& trace) noexcept {
  if (find_cell(of.position) == nullptr) return;
  if (exemplar_reservoir* to = find_or_make_exemplars(of.position)) {
    to->offer(value, trace, of.home->time(), of.home->next_collection());
  }
}

const exemplar_reservoir* lane::find_exemplars(position of) const noexcept {
  const exemplar_chunk* chunk = exemplars_[of.chunk].load(std::memory_order_acquire);
  return chunk == nullptr ? nullptr : (*chunk)[of.slot].load(std::memory_order_acquire);
}

exemplar_reservoir* lane::find_or_make_exemplars(position of) noexcept {
  exemplar_chunk* chunk = exemplars_[of.chunk].load(std::memory_order_relaxed);
  if (chunk == nullptr) {
    chunk = memory_.make<exemplar_chunk>();
    if (chunk == nullptr) return nullptr;
    exemplars_[of.chunk].store(chunk, std::memory_order_release);
  }
  exemplar_reservoir* known = (*chunk)[of.slot].load(std::memory_order_relaxed);
  if (known != nullptr) return known;
  auto* fresh = memory_.make<exemplar_reservoir>();
  if (fresh != nullptr) (*chunk)[of.slot].store(fresh, std::memory_order_release);
  return fresh;
}

// ORDER what the writers did is seen: they let go of the series, with release, before the collector
//       found that nobody held it, with acquire.
void lane::forget(const series& gone) noexcept {
  const position of = gone.position;
  if (gone.layout == nullptr) {
    auto* count = find_counter(of, std::memory_order_acquire);
    if (count != nullptr) count->store(0, std::memory_order_relaxed);
    return;
  }
  cell* const old = find_cell(of, std::memory_order_acquire);
  if (old == nullptr) return;
  (*cells[of.chunk].load(std::memory_order_acquire))[of.slot].store(nullptr,
                                                                    std::memory_order_release);
  old->give_back(*gone.layout, memory_);
  memory_.give_back(old);
  exemplar_chunk* const chunk = exemplars_[of.chunk].load(std::memory_order_acquire);
  if (chunk == nullptr) return;
  exemplar_reservoir* const ref_counted =
      (*chunk)[of.slot].exchange(nullptr, std::memory_order_acq_rel);
  if (ref_counted != nullptr) memory_.give_back(ref_counted);
}

}  // namespace querytap::detail
