#include <querytap/base/clock.hpp>

#include <time.h>

#include <fstream>
#include <string>

namespace querytap {
namespace {

constexpr std::uint64_t one_tick_per_nanosecond = std::uint64_t{1} << 32;

std::uint64_t monotonic_nanoseconds() noexcept {
  timespec time{};
  clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<std::uint64_t>(time.tv_sec) * 1'000'000'000U +
         static_cast<std::uint64_t>(time.tv_nsec);
}

struct concrete_clock final : clock {
  constexpr concrete_clock(source kind, std::uint64_t nanoseconds_per_tick) noexcept
      : clock{kind, nanoseconds_per_tick} {}
};

#if QUERYTAP_HAS_TSC

// The kernel measures the TSC against other timers and drops it as a clock source when they
// disagree, so its choice is the best evidence that the counters of all cores run as one.
bool kernel_trusts_tsc() {
  std::string chosen;
  std::ifstream{"/sys/devices/system/clocksource/clocksource0/current_clocksource"} >> chosen;
  return chosen == "tsc";
}

bool cpu_has_invariant_tsc() {
  std::ifstream cpuinfo{"/proc/cpuinfo"};
  for (std::string line; std::getline(cpuinfo, line);) {
    if (!line.starts_with("flags")) continue;
    line += ' ';
    return line.find(" constant_tsc ") != std::string::npos &&
           line.find(" nonstop_tsc ") != std::string::npos;
  }
  return false;
}

struct paired_clock_reading {
  std::uint64_t ticks;
  std::uint64_t nanoseconds;
};

// Of several attempts, the one with the least time between the two TSC reads: an interrupt between
// them spoils an attempt.
paired_clock_reading read_tsc_and_monotonic() {
  paired_clock_reading best{};
  std::uint64_t best_width = ~std::uint64_t{0};
  for (int attempt = 0; attempt < 16; ++attempt) {
    const std::uint64_t before = __builtin_ia32_rdtsc();
    const std::uint64_t nanoseconds = monotonic_nanoseconds();
    const std::uint64_t after = __builtin_ia32_rdtsc();
    if (after - before < best_width) {
      best_width = after - before;
      best = {before + (after - before) / 2, nanoseconds};
    }
  }
  return best;
}

// 5 ms between readings that are good to some 20 ns: an error of a few parts in a million, a
// thousand times finer than a bucket.
std::uint64_t calibrate_tsc() {
  const paired_clock_reading begin = read_tsc_and_monotonic();
  const timespec pause{0, 5'000'000};
  nanosleep(&pause, nullptr);
  const paired_clock_reading end = read_tsc_and_monotonic();
  if (end.ticks <= begin.ticks) return 0;
  const double ratio = static_cast<double>(end.nanoseconds - begin.nanoseconds) /
                       static_cast<double>(end.ticks - begin.ticks);
  return static_cast<std::uint64_t>(ratio * static_cast<double>(one_tick_per_nanosecond));
}

#endif

struct clock_choice {
  clock::source kind;
  std::uint64_t nanoseconds_per_tick;
};

clock_choice choose_clock() {
#if QUERYTAP_HAS_TSC
  if (kernel_trusts_tsc() && cpu_has_invariant_tsc()) {
    if (const std::uint64_t ratio = calibrate_tsc(); ratio != 0) {
      return {clock::source::tsc, ratio};
    }
  }
#endif
  return {clock::source::monotonic, one_tick_per_nanosecond};
}

}  // namespace

const clock& clock::process() {
  static const clock_choice chosen = choose_clock();
  static const concrete_clock instance{chosen.kind, chosen.nanoseconds_per_tick};
  return instance;
}

const clock& clock::monotonic() {
  static const concrete_clock instance{source::monotonic, one_tick_per_nanosecond};
  return instance;
}

std::uint64_t clock::ticks_slow() const noexcept {
  return source_ == source::manual ? manual_nanoseconds_.load(std::memory_order_relaxed)
                                   : monotonic_nanoseconds();
}

std::chrono::system_clock::time_point clock::wall() const noexcept {
  if (source_ != source::manual) return std::chrono::system_clock::now();
  const std::chrono::nanoseconds since_epoch{
      static_cast<std::int64_t>(manual_nanoseconds_.load(std::memory_order_relaxed))};
  return std::chrono::system_clock::time_point{
      std::chrono::duration_cast<std::chrono::system_clock::duration>(since_epoch)};
}

std::string_view to_string(clock::source kind) noexcept {
  switch (kind) {
    case clock::source::tsc: return "tsc";
    case clock::source::monotonic: return "monotonic";
    case clock::source::manual: return "manual";
  }
  return "unknown";
}

}  // namespace querytap
