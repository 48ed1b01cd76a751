#pragma once

#include "../base/fork_hooks.hpp"
#include "../calls/reports/report_hub.hpp"
#include "connect_gate.hpp"
#include "idle_stack.hpp"
#include "pool_metrics.hpp"
#include "pool_slot.hpp"
#include "pool_view.hpp"

#include <querytap/base/clock.hpp>
#include <querytap/policies/detail/pool_slots.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// What pool_slots consists of; out of the header, as it is long to compile.
///
/// A slot is idle (in `idle_`), in the hands of one thread (lent, or while its object is made, examined or
/// destroyed), or empty (in `empty_`). Idle ones are lent and come back without the lock. All else changes
/// under it, and each such change ends with settle(), the one place that decides who is alerted.
struct pool_slots::state {
  state(recorder& recorder, pool_options given, std::unique_ptr<pool_objects> functions);
  state(const state&) = delete;
  state& operator=(const state&) = delete;
  ~state();

  struct waiter;
  struct acquisition;
  class fork_guard;
  class caller_inside;

  /// A slot for a lease: with an object that was idle, with one that another borrower handed over, or
  /// without.
  struct taken_slot {
    pool_slot* slot = nullptr;
    std::uint64_t number = 0;
    bool was_idle = false;
  };

  // Of a borrower.
  [[nodiscard]] lent take(code_location site);
  [[nodiscard]] lent take_slow(taken_slot taken, std::uint64_t begin, code_location site);
  [[nodiscard]] taken_slot obtain(acquisition& call);
  /// Says so where this thread has another slot of the pool.
  void note_nesting(code_location site) noexcept;
  [[nodiscard]] taken_slot wait_for_slot(std::unique_lock<std::mutex>& lock,
                                         const acquisition& call);
  void wait_for_alert(std::unique_lock<std::mutex>& lock, waiter& self, const acquisition& call);
  [[nodiscard]] std::string what_is_missing() const;  // under the lock
  void give_up(std::string_view reason);
  [[nodiscard]] bool make_usable(const taken_slot& taken, acquisition& call);
  [[nodiscard]] bool passes_examination(pool_slot& slot, acquisition& call) noexcept;
  void connect(pool_slot& slot);
  void lend(pool_slot& slot, std::uint64_t number, std::uint64_t ticks,
            code_location site) noexcept;
  void show_server_pid(pool_slot& slot) noexcept;
  void waited(std::uint64_t begin, std::uint64_t nanoseconds, bool failed) const noexcept;

  // What comes back. Each may be the last thing that happens to the pool, and then destroys it.
  void give_back(pool_slot& slot, bool is_reusable) noexcept;
  void give_back_slow(pool_slot& slot, bool is_reusable, std::uint64_t ticks) noexcept;
  void end_use(pool_slot& slot, bool is_reusable, std::uint64_t ticks) noexcept;
  [[nodiscard]] bool was_reset(pool_slot& slot) noexcept;
  void destroy(pool_slot& slot) noexcept;

  // Without a borrower.
  void warm_up();
  [[nodiscard]] bool make_missing() noexcept;
  void retire_old(std::uint64_t ticks) noexcept;
  void close() noexcept;

  // Under the lock.
  /// An idle slot, or one to connect in: for the first of those that wait, or who finds none waiting.
  [[nodiscard]] taken_slot look(std::uint64_t ticks, bool is_first) noexcept;
  void settle(std::uint64_t ticks) noexcept;
  void alert(waiter& waiting) noexcept;
  void leave_queue(waiter& self) noexcept;
  void show_waiting() noexcept;
  [[nodiscard]] bool may_connect(std::uint64_t ticks) noexcept;
  [[nodiscard]] bool latency_rises(std::uint64_t ticks) noexcept;
  [[nodiscard]] pool_slot& begin_connect() noexcept;
  void put_back(pool_slot& slot, std::uint64_t ticks) noexcept;
  void vacate(pool_slot& slot) noexcept;
  [[nodiscard]] pool_slot* unlink_old(std::uint64_t ticks) noexcept;
  /// How many slots this thread has borrowed.
  [[nodiscard]] std::size_t leases_of(std::uint64_t thread) const noexcept;
  /// In the child of a fork: what other threads had borrowed, or were making, never comes back, and others may be
  /// made in its place. It is not destroyed: the parent uses it.
  void replace_orphans(std::size_t own_leases) noexcept;
  [[nodiscard]] bool must_go(const pool_slot& idle, std::uint64_t ticks) const noexcept;
  /// Objects that are there or are being made, but for those that are about to be destroyed.
  [[nodiscard]] std::size_t staying() const noexcept {
    return total_ - std::min(total_, retiring_ + orphaned_);
  }
  [[nodiscard]] bool is_over() const noexcept { return is_abandoned_ && total_ == 0; }

  [[nodiscard]] std::chrono::nanoseconds time_of(std::uint64_t ticks) const noexcept {
    return std::chrono::nanoseconds{
        static_cast<std::int64_t>(time_.nanoseconds_between(start_, ticks))};
  }

 private:
  friend class pool_slots;

  pool_slots* owner_ = nullptr;
  const pool_options options_;  // as given; the limits that count now stand below
  const std::unique_ptr<pool_objects> objects_;
  const clock& time_;
  const std::uint64_t start_;  // ticks, as the next four
  const std::uint64_t idle_ticks_;
  const std::uint64_t life_ticks_;
  const std::uint64_t validate_ticks_;
  const std::uint64_t examine_ticks_;  // idle for so long, an object is looked at before it is lent
  const std::uint64_t upkeep_ticks_;
  const std::uint64_t recorder_id_;
  report_hub& hub_;
  const std::string_view shown_as_;  // "pool " and the name; alive as long as the recorder
  const pool_metrics metrics_;

  slot_table slots_;
  idle_stack idle_{slots_};
  pool_view view_;
  // ORDER  relaxed: who sees an old one comes a little later. 0: the next that comes back.
  std::atomic<std::uint64_t> upkeep_due_{0};  // ticks
  // ORDER  leaving is a release, paired with the acquire of close_and_release(), which frees the state.
  std::atomic<std::int64_t> callers_inside_{0};  // of take_slow(), was_reset() and maintain()

  mutable std::mutex mutex_;  // guards all that follow
  std::vector<std::uint32_t> empty_;
  std::deque<waiter*> queue_;
  std::condition_variable ended_;  // a slot has become empty, once the pool is closed
  connect_gate gate_;
  std::size_t minimum_;
  std::size_t maximum_;
  std::size_t total_ = 0;  // slots that are not empty
  std::size_t retiring_ = 0;
  std::size_t orphaned_ = 0;       // at forks before: of threads that this process does not have
  std::size_t orphaned_lent_ = 0;  // of these, lent: no longer counted as used
  bool is_strict_ = false;
  bool is_closed_ = false;
  bool is_abandoned_ = false;
  std::chrono::nanoseconds look_again_at_{0};  // what may_connect() waits for; 0: for no time

  std::unique_ptr<fork_guard> fork_guard_;  // the last: a fork may call it at once
};

}  // namespace querytap::detail
