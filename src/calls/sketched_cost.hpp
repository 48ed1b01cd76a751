#pragma once

#include <atomic>
#include <cstdint>

namespace querytap::detail {

/// What a statement past the series limit has cost since it was entered into the sketch, and what
/// its place had cost before: the most that may have been overlooked.
///
/// Threads  any number at once.
/// ORDER    relaxed: the numbers are compared with each other, and nothing is published with them.
struct sketched_cost {
  std::atomic<std::uint64_t> calls{0};
  std::atomic<std::uint64_t> nanoseconds{0};
  std::atomic<std::uint64_t> inherited{0};  // nanoseconds

  void add(std::uint64_t spent) noexcept {
    calls.fetch_add(1, std::memory_order_relaxed);
    nanoseconds.fetch_add(spent, std::memory_order_relaxed);
  }
  [[nodiscard]] std::uint64_t at_most() const noexcept {
    return nanoseconds.load(std::memory_order_relaxed) + inherited.load(std::memory_order_relaxed);
  }
};

}  // namespace querytap::detail
