#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace querytap::detail {

/// Hands records of a fixed size from the threads that make calls to the one that looks at them. When
/// it is full, the newest finds no room.
///
///     if (!ring.push([&](record& to) { to = …; })) count_dropped();
///     ring.pop([&](const record& from) { … });
///
/// Threads  any number push and pop at once.
/// Cost     one compare-and-swap, and the copy. No lock, no allocation, no waiting.
/// ORDER    a place has a number: its index when it may be written, one more when it may be read, one
///          turn more when it may be written again. Whoever has taken a place stores its number with
///          release, and whoever takes it next loads it with acquire: the record in it is whole.
///          The counters of both ends only give out places, so they are relaxed.
/// Source   D. Vyukov's bounded queue for many producers and consumers.
template <class Record, std::size_t Size>
class bounded_queue {
  static_assert(std::is_trivially_copyable_v<Record> && (Size & (Size - 1)) == 0);

 public:
  bounded_queue() noexcept {
    for (std::size_t i = 0; i < Size; ++i) places_[i].number.store(i, std::memory_order_relaxed);
  }

  /// False if there is no room.
  template <class Fill>
  bool push(Fill fill) noexcept {
    std::uint64_t at = 0;
    place* const taken = take(pushed_, 0, at);
    if (taken == nullptr) return false;
    fill(taken->record);
    taken->number.store(at + 1, std::memory_order_release);
    return true;
  }

  /// False if there is nothing.
  template <class Read>
  bool pop(Read read) {
    std::uint64_t at = 0;
    place* const taken = take(popped_, 1, at);
    if (taken == nullptr) return false;
    const Record copy = taken->record;
    taken->number.store(at + Size, std::memory_order_release);
    read(copy);
    return true;
  }

 private:
  struct place {
    std::atomic<std::uint64_t> number{0};
    Record record;
  };

  // The next place of an end whose number is `ahead` of its index; null if it is not there yet.
  [[nodiscard]] place* take(std::atomic<std::uint64_t>& end, std::uint64_t ahead,
                            std::uint64_t& at) noexcept {
    at = end.load(std::memory_order_relaxed);
    for (;;) {
      place& next = places_[at % Size];
      const std::uint64_t number = next.number.load(std::memory_order_acquire);
      if (number == at + ahead) {
        if (end.compare_exchange_weak(at, at + 1, std::memory_order_relaxed)) return &next;
      } else if (static_cast<std::int64_t>(number - (at + ahead)) < 0) {
        return nullptr;
      } else {
        at = end.load(std::memory_order_relaxed);  // another was quicker
      }
    }
  }

  // On lines of their own: one is written by recording threads, the other by the collector.
  alignas(64) std::atomic<std::uint64_t> pushed_{0};
  alignas(64) std::atomic<std::uint64_t> popped_{0};
  alignas(64) std::array<place, Size> places_;
};

}  // namespace querytap::detail
