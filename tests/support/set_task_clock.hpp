#pragma once

#include <runtime/common/background_task.hpp>

#include <atomic>
#include <chrono>

namespace querytap::detail {

/// A time that is what a test says, for a job that the test steps by itself.
///
/// Threads  any number may read while one thread advances it.
class set_task_clock final : public task_clock {
 public:
  // ORDER relaxed: a reader takes the time alone, and no other data with it.
  [[nodiscard]] time_point now() const override {
    return time_point{time_point::duration{now_.load(std::memory_order_relaxed)}};
  }
  void wait_until(std::condition_variable& /*changed*/, std::unique_lock<std::mutex>& /*lock*/,
                  time_point /*until*/) override {}
  void advance(std::chrono::nanoseconds duration) { set(now() + duration); }
  void set(time_point time) {
    now_.store(time.time_since_epoch().count(), std::memory_order_relaxed);
  }

 private:
  std::atomic<time_point::rep> now_{time_point::duration{std::chrono::hours{1}}.count()};
};

}  // namespace querytap::detail
