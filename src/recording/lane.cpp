#include "lane.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace querytap::detail {
namespace {

constexpr std::align_val_t block_alignment{64};

template <class Chunk>
Chunk* make_chunk(void* place) noexcept {
  return place == nullptr ? nullptr : new (place) Chunk{};
}

}  // namespace

void lane::free_block::operator()(std::byte* block) const noexcept {
  ::operator delete(block, block_alignment);
}

bool lane::record(series& to, std::uint64_t value) noexcept {
  cell* in = find_or_make_cell(to);
  if (in == nullptr) return false;
  const bucket_layout::place where = to.layout->find(value);
  return in->record(where, value) || in->record_slow(where, value, *this);
}

bool lane::add(series& to, std::uint64_t amount) noexcept {
  std::atomic<counter_chunk*>& slot = counters[to.position.chunk];
  counter_chunk* chunk = slot.load(std::memory_order_relaxed);
  if (chunk == nullptr) {
    chunk = make_chunk<counter_chunk>(allocate(sizeof(counter_chunk), 64));
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
  if (chunk == &no_cells) {
    chunk = make_chunk<cell_chunk>(allocate(sizeof(cell_chunk), 64));
    if (chunk == nullptr) return nullptr;
    slot.store(chunk, std::memory_order_release);
  }
  auto* fresh = make_chunk<cell>(allocate(sizeof(cell), alignof(cell)));
  if (fresh != nullptr) {
    (*chunk)[of.slot].store(fresh, std::memory_order_release);
  }
  return fresh;
}

void* lane::allocate(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
  const std::size_t skipped = static_cast<std::size_t>(
      -reinterpret_cast<std::uintptr_t>(next_) & (alignment - 1));
  if (left_ < skipped + whole) {
    if (!add_block(whole)) return nullptr;
  } else {
    next_ += skipped;
    left_ -= skipped;
  }
  std::byte* place = next_;
  next_ += whole;
  left_ -= whole;
  return place;
}

bool lane::add_block(std::size_t at_least) noexcept {
  const std::size_t size = std::max(at_least, blocks_.empty() ? first_block : next_blocks);
  std::unique_ptr<std::byte, free_block> block{
      static_cast<std::byte*>(::operator new(size, block_alignment, std::nothrow))};
  if (block == nullptr) return false;
  try {
    blocks_.push_back(std::move(block));
  } catch (const std::bad_alloc&) {
    return false;
  }
  next_ = blocks_.back().get();
  left_ = size;
  bytes_.fetch_add(size, std::memory_order_relaxed);
  return true;
}

}  // namespace querytap::detail
