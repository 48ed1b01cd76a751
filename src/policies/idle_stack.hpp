#pragma once

#include "pool_slot.hpp"

#include <atomic>
#include <cstdint>

namespace querytap::detail {

/// The idle slots of a pool, the last one given back on top, in one word with all that a borrower must know
/// before it takes or gives back without a lock: whether callers wait, and whether it may overtake them.
///
/// The marks change under the pool's lock alone. While `strict` or `closed` stands, nothing is taken or put
/// here without it; nor is anything put here while callers wait and none of them is alerted, for who puts a slot here
/// then has to alert the first of them.
///
/// Threads  any number at once.
/// ORDER    put() publishes what the slot's owner wrote, by release, to whoever takes the slot, by acquire;
///          takers and marks in between are read-modify-writes, which carry it on.
///
///          A taker reads which slot lies below the top one before it replaces the word. If the slot was
///          taken meanwhile, and is on top again, another may lie below: each taking counts in the word, so
///          that the word differs then. It comes round after 2^43 takings.
///
///          `waiting` without `alerted` is set in the same step that finds no slot here. So a slot that was put
///          before is found, and its finder alerts the first caller; who would put one afterwards finds the
///          mark: no caller is left to wait beside an idle slot.
class idle_stack {
 public:
  enum mark : std::uint64_t {
    strict = std::uint64_t{1} << 17,   ///< callers that wait must not be overtaken
    waiting = std::uint64_t{1} << 18,  ///< callers wait
    alerted = std::uint64_t{1} << 19,  ///< the first of them is about to look
    closed = std::uint64_t{1} << 20,   ///< nothing is lent any more
  };

  struct taken {
    pool_slot* slot;  // null: there is none, or it must not be taken
    std::uint64_t number;
  };

  explicit idle_stack(const slot_table& slots) noexcept : slots_{slots} {}

  [[nodiscard]] taken take(std::uint64_t obstacles = strict | closed) noexcept {
    std::uint64_t word = word_.load(std::memory_order_acquire);
    for (;;) {
      const std::uint64_t top = word & top_bits;
      if (top == 0 || (word & obstacles) != 0) return {nullptr, 0};
      pool_slot& slot = slots_[top - 1];
      const std::uint64_t below = slot.below.load(std::memory_order_relaxed);
      const std::uint64_t next = (word - top + below) + one_taking;
      if (word_.compare_exchange_weak(word, next, std::memory_order_acquire,
                                      std::memory_order_acquire)) [[likely]] {
        return {&slot, next >> takings_shift};
      }
    }
  }

  /// All of them; returns the topmost, the others by pool_slot::below.
  [[nodiscard]] pool_slot* take_all() noexcept {
    std::uint64_t word = word_.load(std::memory_order_acquire);
    for (;;) {
      const std::uint64_t top = word & top_bits;
      if (top == 0) return nullptr;
      if (word_.compare_exchange_weak(word, word - top + one_taking, std::memory_order_acquire,
                                      std::memory_order_acquire)) {
        return &slots_[top - 1];
      }
    }
  }
  // Of slots that are not here.
  [[nodiscard]] pool_slot* below(const pool_slot& slot) const noexcept {
    const std::uint32_t below = slot.below.load(std::memory_order_relaxed);
    return below == 0 ? nullptr : &slots_[below - 1];
  }
  static void set_below(pool_slot& slot, const pool_slot* below) noexcept {
    slot.below.store(below == nullptr ? 0 : below->index + 1, std::memory_order_relaxed);
  }

  /// False, with nothing done, where it takes the pool's lock: callers must not be overtaken or have to be alerted,
  /// or the pool is closed. Otherwise the slot is another's before this returns.
  [[nodiscard]] bool put(pool_slot& slot) noexcept {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    for (;;) {
      if ((word & (strict | closed)) != 0 || (word & (waiting | alerted)) == waiting) [[unlikely]]
        return false;
      if (try_put(word, slot, slot)) [[likely]]
        return true;
    }
  }

  /// Under the pool's lock: a chain, from `first` down to `last`.
  void put_chain(const pool_slot& first, pool_slot& last) noexcept {
    std::uint64_t word = word_.load(std::memory_order_relaxed);
    while (!try_put(word, first, last)) {
    }
  }

  /// The number of a lease whose slot was not taken from here.
  [[nodiscard]] std::uint64_t count_taking() noexcept {
    return (word_.fetch_add(one_taking, std::memory_order_relaxed) + one_taking) >> takings_shift;
  }

  /// Replaces the marks under the pool's lock; false, with nothing changed, if there is an idle slot that they
  /// `need_none` of.
  [[nodiscard]] bool set_marks(std::uint64_t marks, bool need_none) noexcept {
    std::uint64_t word = word_.load(std::memory_order_acquire);
    for (;;) {
      if (need_none && (word & top_bits) != 0) return false;
      const std::uint64_t next = (word & ~all_marks) | marks;
      if (next == word) return true;
      if (word_.compare_exchange_weak(word, next, std::memory_order_acq_rel,
                                      std::memory_order_acquire)) {
        return true;
      }
    }
  }

 private:
  static constexpr std::uint64_t top_bits = (std::uint64_t{1} << 17) - 1;  // index + 1
  static constexpr std::uint64_t all_marks = strict | waiting | alerted | closed;
  static constexpr int takings_shift = 21;
  static constexpr std::uint64_t one_taking = std::uint64_t{1} << takings_shift;

  [[nodiscard]] bool try_put(std::uint64_t& word, const pool_slot& first,
                             pool_slot& last) noexcept {
    const std::uint64_t top = word & top_bits;
    last.below.store(static_cast<std::uint32_t>(top), std::memory_order_relaxed);
    return word_.compare_exchange_weak(word, word - top + first.index + 1,
                                       std::memory_order_release, std::memory_order_relaxed);
  }

  const slot_table& slots_;
  alignas(64) std::atomic<std::uint64_t> word_{0};
};

}  // namespace querytap::detail
