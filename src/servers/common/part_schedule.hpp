#pragma once

#include <querytap/base/clock.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace querytap::detail {

/// When a part of a server's own view is asked again: after an interval, and not before 200 times the part's own
/// duration has passed, so that it takes half a percent of the server's time at most.
///
///     part_schedule sizes{std::chrono::minutes{5}, clock::process()};
///     if (sizes.is_due()) sizes.run([&] { ask_for_sizes(); });
///
/// Threads  one.
class part_schedule {
 public:
  static constexpr int durations_between = 200;

  part_schedule(std::chrono::nanoseconds interval, const clock& time)
      : interval_{interval}, time_{&time} {}

  [[nodiscard]] bool is_due() const noexcept {
    return !has_run_ || since_start() >= std::max(interval_, duration_ * durations_between);
  }

  /// Due at once, whatever was last.
  void ask_again() noexcept { has_run_ = false; }

  /// Calls the part. One that throws is due again at its time, too.
  template <class Part>
  void run(Part part) {
    struct end_of_part {
      part_schedule& schedule;
      ~end_of_part() { schedule.duration_ = schedule.since_start(); }
    };
    has_run_ = true;
    start_ = time_->ticks();
    const end_of_part end{*this};
    part();
  }

 private:
  [[nodiscard]] std::chrono::nanoseconds since_start() const noexcept {
    return std::chrono::nanoseconds{time_->nanoseconds_between(start_, time_->ticks())};
  }

  std::chrono::nanoseconds interval_;
  const clock* time_;
  std::uint64_t start_ = 0;
  std::chrono::nanoseconds duration_{};
  bool has_run_ = false;
};

}  // namespace querytap::detail
