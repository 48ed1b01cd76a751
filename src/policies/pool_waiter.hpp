#pragma once

#include "pool_state.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>

namespace querytap::detail {

/// A caller that waits for a slot.
struct pool_slots::state::waiter {
  std::uint64_t begin;  // ticks
  std::condition_variable changed = {};
  bool is_alerted = false;  // something may be there: it is to look
  taken_slot served = {};
  std::chrono::nanoseconds looks_again_at{0};  // of the pool's clock; 0: when it is alerted
};

/// One call of acquire(): when it began, and where its time went.
struct pool_slots::state::acquisition {
  std::uint64_t begin;  // ticks
  code_location site;
  // By the system's clock, as a test's does not make a condition variable wait; set by who begins to wait.
  std::chrono::steady_clock::time_point deadline = {};
  std::uint64_t queued = 0;  // nanoseconds, as the others
  std::uint64_t connected = 0;
  std::uint64_t validated = 0;
  bool has_asked = false;  // for a slot, at least once
  bool has_waited = false;
};

/// Keeps the state alive until a call has left it.
class pool_slots::state::caller_inside {
 public:
  explicit caller_inside(state& pool) noexcept : pool_{pool} {
    pool.callers_inside_.fetch_add(1, std::memory_order_relaxed);
  }
  // ORDER  release: all that the caller did to the state comes before its end.
  ~caller_inside() { pool_.callers_inside_.fetch_sub(1, std::memory_order_release); }
  caller_inside(const caller_inside&) = delete;
  caller_inside& operator=(const caller_inside&) = delete;

 private:
  state& pool_;
};

}  // namespace querytap::detail
