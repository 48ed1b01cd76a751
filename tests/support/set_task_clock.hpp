#pragma once

#include <runtime/common/background_task.hpp>

#include <chrono>

namespace querytap::detail {

/// A time that is what a test says, for a job that the test steps by itself.
class set_task_clock final : public task_clock {
 public:
  [[nodiscard]] time_point now() const override { return now_; }
  void wait_until(std::condition_variable& /*changed*/, std::unique_lock<std::mutex>& /*lock*/,
                  time_point /*until*/) override {}
  void advance(std::chrono::nanoseconds duration) { now_ += duration; }
  void set(time_point time) { now_ = time; }

 private:
  time_point now_{std::chrono::hours{1}};
};

}  // namespace querytap::detail
