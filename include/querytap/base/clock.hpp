#pragma once

#include <querytap/base/detail/features.hpp>
#include <querytap/base/duration.hpp>

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

namespace querytap {

/// The source of durations: the processor's time stamp counter where CPU and kernel guarantee that
/// it is steady, else the monotonic clock; in tests, a clock that the test moves.
///
///     const clock& time = clock::process();
///     const auto begin = time.ticks();
///     const auto spent = time.nanoseconds_between(begin, time.ticks());
///
/// Units    ticks are those of the source; nanoseconds on every way out.
/// Threads  any number at once.
/// Cost     one TSC read, or one clock_gettime; bench/base/clock_bench.cpp. The first call of
///          `process()` calibrates for 5 ms.
/// Errors   none; a TSC that steps back between two cores counts as no time spent.
class clock {
 public:
  enum class source : std::uint8_t { tsc, monotonic, manual };

  /// The clock of this process. What it was chosen and calibrated for once is looked at again by
  /// check().
  [[nodiscard]] static const clock& process();

  /// For tests: the monotonic clock, even where the CPU has a steady counter.
  [[nodiscard]] static const clock& monotonic();

  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;

  [[nodiscard]] std::uint64_t ticks() const noexcept {
#if QUERYTAP_HAS_TSC
    if (reads_tsc_.load(std::memory_order_relaxed)) [[likely]]
      return __builtin_ia32_rdtsc();
#endif
    return ticks_slow();
  }

  [[nodiscard]] std::uint64_t nanoseconds_between(std::uint64_t begin,
                                                  std::uint64_t end) const noexcept {
    // Without a branch, which compilers take for unlikely, with the product out of the way.
    const std::uint64_t ticks = end > begin ? end - begin : 0;
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>(
        (wide{ticks} * nanoseconds_per_tick_.load(std::memory_order_relaxed)) >> 32);
  }

  /// The calendar time, for time stamps; never for durations.
  [[nodiscard]] std::chrono::system_clock::time_point wall() const noexcept;

  /// Corrects the clock where the TSC no longer keeps time with the monotonic clock, and has it read
  /// the monotonic clock from then on where the kernel no longer trusts the TSC. Returns what a person
  /// should know of that; mostly nothing.
  ///
  /// Ticks go on in the same scale, whatever was corrected: a call that is open meanwhile has its
  /// duration, and it is not negative.
  ///
  /// Threads  the collector's: every collection calls it.
  /// Cost     a few microseconds once a second, and a pause of 5 ms when something is amiss.
  [[nodiscard]] virtual std::string check() const;

  [[nodiscard]] source kind() const noexcept { return source_.load(std::memory_order_relaxed); }
  [[nodiscard]] double nanoseconds_per_tick() const noexcept {
    return static_cast<double>(nanoseconds_per_tick_.load(std::memory_order_relaxed)) /
           4294967296.0;
  }

 protected:
  /// `nanoseconds_per_tick` in 32.32 fixed point. `reads_tsc`: ticks() is the TSC itself.
  constexpr clock(source kind, std::uint64_t nanoseconds_per_tick, bool reads_tsc = false) noexcept
      : reads_tsc_{reads_tsc}, source_{kind}, nanoseconds_per_tick_{nanoseconds_per_tick} {}
  ~clock() = default;

  /// What ticks() is where it is not the TSC itself.
  [[nodiscard]] virtual std::uint64_t ticks_slow() const noexcept;

  // ORDER  relaxed: a test's clock is one number, and nothing else is published with it.
  std::atomic<std::uint64_t> manual_nanoseconds_{0};

  // Changed by check() alone.
  // ORDER  relaxed on the hot path. A thread that still sees the old values reads the TSC once more,
  //        or measures by a length of ticks that was right until now: both are in the same scale.
  mutable std::atomic<bool> reads_tsc_;
  mutable std::atomic<source> source_;
  mutable std::atomic<std::uint64_t> nanoseconds_per_tick_;
};

/// "tsc", "monotonic" or "manual".
[[nodiscard]] std::string_view to_string(clock::source kind) noexcept;

}  // namespace querytap
