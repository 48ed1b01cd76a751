#pragma once

#include "lease_record.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>

namespace querytap::detail {

/// A place for one object of a pool.
///
/// Threads  the members that are no atomics belong to who has the slot: a borrower, or who makes or destroys
///          its object. The idle_stack hands them on.
struct alignas(64) pool_slot {
  static constexpr std::uint64_t never = std::numeric_limits<std::uint64_t>::max();

  // What each lease touches comes first, in two lines of the cache.
  lease_record lease;
  void* object = nullptr;
  std::uint64_t examine_at =
      0;  // ticks: whoever takes the slot then or later looks at the object first

  // On the idle_stack, which slot lies below: its index + 1, or 0.
  // ORDER  relaxed: published by the stack's word. Who reads that of a slot that is no longer on top
  //        finds the word changed.
  std::atomic<std::uint32_t> below{0};
  std::uint32_t index = 0;

  std::uint64_t use_begin = 0;  // ticks, as the next two
  std::uint64_t expires_at = never;
  std::uint64_t idle_since = 0;

  // ORDER  relaxed: numbers for reports and for decisions that may come a little late.
  // WRITER load + store: only who has the slot writes them.
  std::atomic<std::uint64_t> uses{0};
  std::atomic<std::uint64_t> used_nanoseconds{0};
  std::atomic<bool> is_idle{false};  // has an object that is not lent

  alignas(64) lease_record::request_name request{};

  [[nodiscard]] static std::uint64_t later(std::uint64_t ticks, std::uint64_t duration) noexcept {
    return duration >= never - ticks ? never : ticks + duration;
  }

  /// Not used from now on. Where each borrower examines the object, the time says nothing: one may have read the
  /// clock before.
  void begin_rest(std::uint64_t ticks, std::uint64_t examine_after) noexcept {
    idle_since = ticks;
    examine_at = examine_after == 0 ? 0 : std::min(later(ticks, examine_after), expires_at);
  }

  void count_use(std::uint64_t nanoseconds) noexcept {
    uses.store(uses.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    used_nanoseconds.store(used_nanoseconds.load(std::memory_order_relaxed) + nanoseconds,
                           std::memory_order_relaxed);
  }
};

static_assert(offsetof(pool_slot, use_begin) == 64 && offsetof(pool_slot, request) == 128);

/// The slots of a pool, by index; none ever moves, so that a pool can grow while others use it.
///
/// Threads  grow(): one at a time. All others: any.
/// ORDER    `size_` is stored with release once the slots are there, and loaded with acquire by who goes
///          through all of them. Who has an index has it from the pool's lock or from the idle_stack,
///          and with it the slot: its chunk is loaded relaxed.
class slot_table {
 public:
  [[nodiscard]] pool_slot& operator[](std::size_t index) const noexcept {
    // The chunks hold 16, 32, 64 … slots.
    const std::size_t shifted = index + first_chunk;
    const auto chunk =
        static_cast<std::size_t>(std::bit_width(shifted) - std::bit_width(first_chunk));
    return chunks_[chunk].load(std::memory_order_relaxed)[shifted - (first_chunk << chunk)];
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }

  void grow(std::size_t size) {
    for (std::size_t index = this->size(); index < size; ++index) {
      const std::size_t shifted = index + first_chunk;
      const auto chunk =
          static_cast<std::size_t>(std::bit_width(shifted) - std::bit_width(first_chunk));
      if (owned_[chunk] == nullptr) {
        owned_[chunk] = std::make_unique<pool_slot[]>(first_chunk << chunk);
        chunks_[chunk].store(owned_[chunk].get(), std::memory_order_relaxed);
      }
      (*this)[index].index = static_cast<std::uint32_t>(index);
      size_.store(index + 1, std::memory_order_release);
    }
  }

 private:
  static constexpr std::size_t first_chunk = 16;
  static constexpr std::size_t chunks = 13;  // room for 131,056 slots

  std::array<std::atomic<pool_slot*>, chunks> chunks_{};
  std::array<std::unique_ptr<pool_slot[]>, chunks> owned_{};
  std::atomic<std::size_t> size_{0};
};

}  // namespace querytap::detail
