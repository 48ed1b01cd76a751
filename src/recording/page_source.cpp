#include "page_source.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::align_val_t block_alignment{64};  // enough for any piece

pieces::spare read_spare(const void* piece) noexcept {
  pieces::spare links;
  std::memcpy(&links, piece, sizeof links);
  return links;
}

void write_spare(void* piece, const pieces::spare& links) noexcept {
  std::memcpy(piece, &links, sizeof links);
}

}  // namespace

void page_source::free_block::operator()(std::byte* block) const noexcept {
  ::operator delete(block, block_alignment);
}

void* page_source::allocate(std::size_t bytes) noexcept {
  if (void* spare = reuse(bytes)) return spare;
  if (bytes > most_ - used_) return nullptr;
  const auto skipped = static_cast<std::size_t>(-reinterpret_cast<std::uintptr_t>(next_) &
                                                (pieces::alignment_of(bytes) - 1));
  if (left_ >= skipped + bytes) {
    next_ += skipped;
    left_ -= skipped;
  } else if (!add_block(bytes)) {
    return nullptr;
  }
  used_ += bytes;
  left_ -= bytes;
  return std::exchange(next_, next_ + bytes);
}

void* page_source::reuse(std::size_t bytes) noexcept {
  if (bytes > pieces::largest_reused) return nullptr;
  take_deallocated();
  void*& first = spare_[pieces::list_of(bytes)];
  return first == nullptr ? nullptr : std::exchange(first, read_spare(first).next);
}

void page_source::deallocate(void* piece, std::size_t bytes) noexcept {
  void* next = deallocated_.load(std::memory_order_relaxed);
  do {
    write_spare(piece, {next, bytes});
  } while (!deallocated_.compare_exchange_weak(next, piece, std::memory_order_release,
                                               std::memory_order_relaxed));
}

void page_source::take_deallocated() noexcept {
  if (deallocated_.load(std::memory_order_relaxed) == nullptr) return;
  void* next = deallocated_.exchange(nullptr, std::memory_order_acquire);
  while (next != nullptr) {
    void* const piece = next;
    const pieces::spare links = read_spare(piece);
    next = links.next;
    void*& first = spare_[pieces::list_of(links.bytes)];
    write_spare(piece, {std::exchange(first, piece), links.bytes});
  }
}

bool page_source::add_block(std::size_t at_least) noexcept {
  const std::size_t size = std::max(at_least, std::clamp(used_ / 8, smallest_block, largest_block));
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
  total_.fetch_add(size, std::memory_order_relaxed);
  return true;
}

}  // namespace querytap::detail
