#pragma once

#include <sched.h>

#include <atomic>

namespace querytap::detail {

/// A lock of one byte, held for some hundred nanoseconds. A thread that records only tries it, and does
/// something else where it fails; a collector may wait.
///
///     const std::unique_lock lock{cell.writer, std::try_to_lock};
///     if (!lock.owns_lock()) …
///
/// ORDER    taken with acquire and released with release: what one holder has done comes before
///          what the next one does.
class light_lock {
 public:
  [[nodiscard]] bool try_lock() noexcept {
    return !taken_.exchange(true, std::memory_order_acquire);
  }
  void lock() noexcept {
    while (!try_lock()) sched_yield();
  }
  void unlock() noexcept { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

}  // namespace querytap::detail
