#pragma once

#include <querytap/base/detail/features.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
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

  /// The clock of this process, chosen and calibrated once.
  [[nodiscard]] static const clock& process();

  /// For tests: the monotonic clock, even where the CPU has a steady counter.
  [[nodiscard]] static const clock& monotonic();

  clock(const clock&) = delete;
  clock& operator=(const clock&) = delete;

  [[nodiscard]] std::uint64_t ticks() const noexcept {
#if QUERYTAP_HAS_TSC
    if (source_ == source::tsc) [[likely]]
      return __builtin_ia32_rdtsc();
#endif
    return ticks_slow();
  }

  [[nodiscard]] std::uint64_t nanoseconds_between(std::uint64_t begin,
                                                  std::uint64_t end) const noexcept {
    if (end <= begin) return 0;
    __extension__ using wide = unsigned __int128;
    return static_cast<std::uint64_t>((wide{end - begin} * nanoseconds_per_tick_) >> 32);
  }

  /// The calendar time, for time stamps; never for durations.
  [[nodiscard]] std::chrono::system_clock::time_point wall() const noexcept;

  [[nodiscard]] source kind() const noexcept { return source_; }
  [[nodiscard]] double nanoseconds_per_tick() const noexcept {
    return static_cast<double>(nanoseconds_per_tick_) / 4294967296.0;
  }

 protected:
  /// `nanoseconds_per_tick` in 32.32 fixed point.
  constexpr clock(source kind, std::uint64_t nanoseconds_per_tick) noexcept
      : source_{kind}, nanoseconds_per_tick_{nanoseconds_per_tick} {}
  ~clock() = default;

  // ORDER  relaxed: a test's clock is one number, and nothing else is published with it.
  std::atomic<std::uint64_t> manual_nanoseconds_{0};

 private:
  [[nodiscard]] std::uint64_t ticks_slow() const noexcept;

  const source source_;
  const std::uint64_t nanoseconds_per_tick_;
};

/// "tsc", "monotonic" or "manual".
[[nodiscard]] std::string_view to_string(clock::source kind) noexcept;

}  // namespace querytap
