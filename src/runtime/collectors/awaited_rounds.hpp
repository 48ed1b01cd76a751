#pragma once

#include "../common/background_task.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>

namespace querytap::detail {

/// Rounds in which everything is asked, and those who wait for the end of one that begins after they came.
///
/// Threads  any for wait(); one thread begins and ends rounds.
class awaited_rounds {
 public:
  using time_point = task_clock::time_point;

  /// `wake` makes the other thread look whether a round is wanted; it is called again after each `patience`, in case
  /// that thread is another one by now, in the child of a fork. Returns early once `is_stopping`.
  template <class Wake, class Stopping>
  void wait(std::chrono::nanoseconds patience, Wake wake, Stopping is_stopping) {
    std::unique_lock lock{mutex_};
    const std::uint64_t round = ended_ + (begun_.has_value() ? 2 : 1);  // one that has not begun
    while (ended_ < round && !is_stopping()) {
      is_wanted_ = true;
      lock.unlock();
      wake();
      lock.lock();
      // The round may have ended while the lock was not held.
      changed_.wait_for(lock, patience, [&] { return ended_ >= round; });
    }
  }

  /// True if a round begins now: one is wanted, and none goes on.
  [[nodiscard]] bool begin(time_point time) {
    const std::lock_guard lock{mutex_};
    if (!is_wanted_ || begun_.has_value()) return false;
    begun_ = time;
    return true;
  }

  /// When the round that goes on has begun; nothing: none does.
  [[nodiscard]] std::optional<time_point> begun() const {
    const std::lock_guard lock{mutex_};
    return begun_;
  }

  void end() {
    const std::lock_guard lock{mutex_};
    is_wanted_ = false;
    begun_.reset();
    ++ended_;
    changed_.notify_all();
  }

 private:
  mutable std::mutex mutex_;  // guards all of these
  std::condition_variable changed_;
  bool is_wanted_ = false;
  std::optional<time_point> begun_;
  std::uint64_t ended_ = 0;
};

}  // namespace querytap::detail
