#include "lane.hpp"

namespace querytap::detail {

bool lane::record(series& to, std::uint64_t value) noexcept {
  cell* in = find_or_make_cell(to);
  if (in == nullptr) return false;
  const bucket_layout::place where = to.layout->find(value);
  return in->record(where, value) || in->record_slow(where, value, memory_);
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
  const bool full = bytes_.load(std::memory_order_relaxed) >= byte_limit_;
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

}  // namespace querytap::detail
