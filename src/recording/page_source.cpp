#include "page_source.hpp"

#include <algorithm>
#include <cstdint>
#include <new>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::align_val_t block_alignment{64};

}  // namespace

void page_source::free_block::operator()(std::byte* block) const noexcept {
  ::operator delete(block, block_alignment);
}

void* page_source::allocate(std::size_t bytes, std::size_t alignment) noexcept {
  const std::size_t whole = (bytes + alignment - 1) / alignment * alignment;
  if (whole > most_ - used_) return nullptr;
  const auto skipped =
      static_cast<std::size_t>(-reinterpret_cast<std::uintptr_t>(next_) & (alignment - 1));
  if (left_ >= skipped + whole) {
    next_ += skipped;
    left_ -= skipped;
  } else if (!add_block(whole)) {
    return nullptr;
  }
  used_ += whole;
  left_ -= whole;
  return std::exchange(next_, next_ + whole);
}

bool page_source::add_block(std::size_t at_least) noexcept {
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
  total_.fetch_add(size, std::memory_order_relaxed);
  return true;
}

}  // namespace querytap::detail
