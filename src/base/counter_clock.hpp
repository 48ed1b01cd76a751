#pragma once

#include "time_sources.hpp"

#include <querytap/base/clock.hpp>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

namespace querytap::detail {

/// The counter and the monotonic clock at one moment.
struct clock_pair {
  std::uint64_t ticks = 0;
  std::uint64_t nanoseconds = 0;
  std::uint64_t width = 0;  ///< ticks that pass while both are read
};

/// How long a tick of the counter is.
struct tick_length {
  double nanoseconds = 0;
  double error = 0;  ///< the most that it may be off, as a share
};

struct calibration {
  tick_length length;
  clock_pair at;  ///< the end of the measurement
};

/// Measures for 5 ms; nothing if the counter stands still.
[[nodiscard]] std::optional<calibration> calibrate(time_sources& sources);

/// A clock that counts the processor's ticks for as long as they agree with the monotonic clock, and
/// the kernel trusts them.
///
/// check() compares both clocks since its last look. If the counter was fast or slow by more than a
/// ten-thousandth, the length of a tick is set anew. If the counter stepped, as it may while a machine
/// sleeps, the length stays. Once the kernel has chosen another clock source, ticks are made from the
/// monotonic clock, in the scale of the counter and from where it stood: every tick that was taken
/// before can still be subtracted from one that is taken afterwards.
///
/// Threads  any number at once. The caller of check() holds a lock that a fork waits for.
class counter_clock final : public clock {
 public:
  /// `reads_tsc`: the counter is the TSC, and ticks() need not ask `sources` for it.
  counter_clock(time_sources& sources, const calibration& found, bool reads_tsc) noexcept;

  [[nodiscard]] std::string check() const override;

 private:
  [[nodiscard]] std::uint64_t ticks_slow() const noexcept override;

  [[nodiscard]] std::string compare() const;
  [[nodiscard]] std::string correct(const clock_pair& pair,
                                    const std::optional<tick_length>& lately) const;
  [[nodiscard]] std::string fall_back(std::string_view reason) const;
  void set_length(const tick_length& length) const noexcept;
  [[nodiscard]] std::string rarely(std::uint64_t nanoseconds, std::string text) const;

  time_sources& sources_;
  // ORDER  stored before the source_ that makes them count, with release; read after it, with acquire.
  mutable std::atomic<std::uint64_t> last_ticks_{
      0};  // where the counter stood when it was given up
  mutable std::atomic<std::uint64_t> last_nanoseconds_{0};

  mutable std::mutex mutex_;  // guards everything below
  mutable tick_length length_;
  mutable clock_pair last_look_;
  mutable std::uint64_t last_warning_ = 0;  // nanoseconds; 0: none yet
};

}  // namespace querytap::detail
