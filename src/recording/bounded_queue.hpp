#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace querytap::detail {

/// Passes records of a fixed size from the threads that make calls to the thread that reports them.
/// A full queue refuses further records.
///
///     if (!queue.push([&](record& slot) { slot = …; })) count_dropped();
///     queue.pop([&](const record& oldest) { … });
///
/// Threads  any number may push and pop at once.
/// Cost     one compare-and-swap, and the copy. No lock, no allocation, no waiting.
/// ORDER    a slot has a number: its index when it may be written, one more when it may be read,
///          one round more when it may be written again. The thread that has taken a slot stores
///          the next number with release, and the thread that takes the slot next loads it with
///          acquire: the record in the slot is complete. The counters of both ends only assign
///          slots, so they are relaxed.
/// Source   D. Vyukov's bounded queue for many producers and consumers.
template <class Record, std::size_t Size>
class bounded_queue {
  static_assert(std::is_trivially_copyable_v<Record> && (Size & (Size - 1)) == 0);

 public:
  bounded_queue() noexcept {
    for (std::size_t i = 0; i < Size; ++i) slots_[i].number.store(i, std::memory_order_relaxed);
  }

  /// False if the queue is full.
  template <class Fill>
  bool push(Fill fill) noexcept {
    std::uint64_t index = 0;
    slot* const taken = take(pushed_, 0, index);
    if (taken == nullptr) return false;
    fill(taken->record);
    taken->number.store(index + 1, std::memory_order_release);
    return true;
  }

  /// False if the queue is empty.
  template <class Read>
  bool pop(Read read) {
    std::uint64_t index = 0;
    slot* const taken = take(popped_, 1, index);
    if (taken == nullptr) return false;
    const Record copy = taken->record;
    taken->number.store(index + Size, std::memory_order_release);
    read(copy);
    return true;
  }

 private:
  struct slot {
    std::atomic<std::uint64_t> number{0};
    Record record;
  };

  // Takes the next slot of one end, whose number must be `ahead` of its index; null if it is not
  // yet.
  [[nodiscard]] slot* take(std::atomic<std::uint64_t>& end, std::uint64_t ahead,
                           std::uint64_t& index) noexcept {
    index = end.load(std::memory_order_relaxed);
    for (;;) {
      slot& next = slots_[index % Size];
      const std::uint64_t number = next.number.load(std::memory_order_acquire);
      if (number == index + ahead) {
        if (end.compare_exchange_weak(index, index + 1, std::memory_order_relaxed)) return &next;
      } else if (static_cast<std::int64_t>(number - (index + ahead)) < 0) {
        return nullptr;
      } else {
        index = end.load(std::memory_order_relaxed);  // another thread took the slot
      }
    }
  }

  // On cache lines of their own: recording threads write one, the collector writes the other.
  alignas(64) std::atomic<std::uint64_t> pushed_{0};
  alignas(64) std::atomic<std::uint64_t> popped_{0};
  alignas(64) std::array<slot, Size> slots_;
};

}  // namespace querytap::detail
