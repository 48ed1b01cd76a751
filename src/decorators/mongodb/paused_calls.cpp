#include "paused_calls.hpp"

#include <utility>

namespace querytap::mongodb::detail {

bool paused_calls::take_from(slot& slot, std::uint64_t key, paused_call& found) noexcept {
  if (!slot.key.compare_exchange_strong(key, busy, std::memory_order_acquire,
                                        std::memory_order_relaxed)) {
    return false;
  }
  found = std::exchange(slot.call, {});
  slot.key.store(empty, std::memory_order_release);
  return true;
}

void paused_calls::fill(slot& slot, std::uint64_t key, paused_call&& call) noexcept {
  slot.call = std::move(call);
  slot.key.store(key, std::memory_order_release);
}

bool paused_calls::take(std::uint64_t number, paused_call& found) noexcept {
  const std::uint64_t key = key_of(number);
  for (slot& each : slots_) {
    if (each.key.load(std::memory_order_relaxed) == key && take_from(each, key, found)) return true;
  }
  return false;
}

bool paused_calls::put(std::uint64_t number, paused_call&& call, paused_call& evicted) noexcept {
  const std::uint64_t key = key_of(number);
  for (slot& each : slots_) {
    std::uint64_t expected = empty;
    if (each.key.load(std::memory_order_relaxed) == empty &&
        each.key.compare_exchange_strong(expected, busy, std::memory_order_acquire,
                                         std::memory_order_relaxed)) {
      fill(each, key, std::move(call));
      return false;
    }
  }
  slot& old = slots_[next_evicted_.fetch_add(1, std::memory_order_relaxed) % slots_.size()];
  std::uint64_t expected = old.key.load(std::memory_order_relaxed);
  if (expected <= busy ||
      !old.key.compare_exchange_strong(expected, busy, std::memory_order_acquire,
                                       std::memory_order_relaxed)) {
    evicted = std::move(call);  // others are at work here: it ends as it is
    return true;
  }
  evicted = std::exchange(old.call, {});
  fill(old, key, std::move(call));
  return true;
}

}  // namespace querytap::mongodb::detail
