#include "counter_clock.hpp"

#include <fmt/format.h>

#include <cmath>
#include <type_traits>
#include <utility>

namespace querytap::detail {
namespace {

constexpr double most_drift = 1e-4;
constexpr std::chrono::milliseconds calibration_time{5};
constexpr std::uint64_t nanoseconds_between_looks = 1'000'000'000;
constexpr std::uint64_t nanoseconds_between_warnings = 3600 * nanoseconds_between_looks;
constexpr double fixed_point = 4294967296.0;  // of clock::nanoseconds_per_tick_

// Of several attempts, the one with the least time between the two reads of the counter: an interrupt
// between them spoils an attempt.
clock_pair read_clock_pair(const time_sources& sources) noexcept {
  clock_pair best{.width = UINT64_MAX};
  for (int attempt = 0; attempt < 16; ++attempt) {
    const std::uint64_t before = sources.counter();
    const std::uint64_t nanoseconds = sources.monotonic();
    const std::uint64_t width = sources.counter() - before;
    if (width < best.width) best = {before + width / 2, nanoseconds, width};
  }
  return best;
}

// Nothing if either clock stood still or went back.
std::optional<tick_length> length_of_ticks(const clock_pair& begin,
                                           const clock_pair& end) noexcept {
  if (end.ticks <= begin.ticks || end.nanoseconds <= begin.nanoseconds) return std::nullopt;
  const auto ticks = static_cast<double>(end.ticks - begin.ticks);
  const auto widths = static_cast<double>(begin.width) + static_cast<double>(end.width);
  return tick_length{static_cast<double>(end.nanoseconds - begin.nanoseconds) / ticks,
                     widths / 2 / ticks};
}

double drift_between(const tick_length& a, const tick_length& b) noexcept {
  return std::abs(a.nanoseconds / b.nanoseconds - 1);
}

std::uint64_t as_fixed_point(const tick_length& length) noexcept {
  return static_cast<std::uint64_t>(length.nanoseconds * fixed_point);
}

}  // namespace

std::optional<calibration> calibrate(time_sources& sources) {
  const clock_pair begin = read_clock_pair(sources);
  sources.pause(calibration_time);
  const clock_pair end = read_clock_pair(sources);
  const auto length = length_of_ticks(begin, end);
  if (!length || as_fixed_point(*length) == 0) return std::nullopt;
  return calibration{*length, end};
}

counter_clock::counter_clock(time_sources& sources, const calibration& found,
                             bool reads_tsc) noexcept
    : clock{source::tsc, as_fixed_point(found.length), reads_tsc},
      sources_{sources},
      length_{found.length},
      last_look_{found.at} {
  // The clock of the process serves threads that outlive static destruction.
  static_assert(std::is_trivially_destructible_v<counter_clock>);
}

std::uint64_t counter_clock::ticks_slow() const noexcept {
  if (source_.load(std::memory_order_acquire) == source::tsc) return sources_.counter();
  __extension__ using wide = unsigned __int128;
  const std::uint64_t time = sources_.monotonic();
  const std::uint64_t then = last_nanoseconds_.load(std::memory_order_relaxed);
  const std::uint64_t since = time > then ? time - then : 0;
  return last_ticks_.load(std::memory_order_relaxed) +
         static_cast<std::uint64_t>((wide{since} << 32) /
                                    nanoseconds_per_tick_.load(std::memory_order_relaxed));
}

std::string counter_clock::check() const {
  if (kind() != source::tsc) return {};
  const std::unique_lock one_at_a_time{mutex_, std::try_to_lock};
  if (!one_at_a_time.owns_lock()) return {};
  const std::uint64_t time = sources_.monotonic();
  if (time < last_look_.nanoseconds + nanoseconds_between_looks) return {};
  // Unreadable, because the process has locked itself in, says nothing of the counter.
  const std::string choice = sources_.kernel_choice();
  if (!choice.empty() && choice != tsc_choice) {
    return fall_back(fmt::format("the kernel uses {} instead of the TSC", choice));
  }
  return compare();
}

std::string counter_clock::compare() const {
  const clock_pair pair = read_clock_pair(sources_);
  const auto lately = length_of_ticks(last_look_, pair);
  const bool agrees = lately && drift_between(*lately, length_) <= most_drift + lately->error;
  if (!agrees) return correct(pair, lately);
  last_look_ = pair;
  return {};
}

// A second measurement tells a counter that is fast or slow, for which both agree, from one that has
// stepped: a tick of the first measurement would then have any length.
std::string counter_clock::correct(const clock_pair& pair,
                                   const std::optional<tick_length>& lately) const {
  const tick_length before = length_;
  const auto fresh = calibrate(sources_);
  if (!fresh) return fall_back("the TSC stands still");
  last_look_ = fresh->at;
  const bool drifts = lately && drift_between(*lately, fresh->length) <=
                                    most_drift + lately->error + fresh->length.error;
  if (!drifts) {
    if (drift_between(fresh->length, before) > most_drift + fresh->length.error + before.error)
      set_length(fresh->length);
    return rarely(pair.nanoseconds,
                  "the TSC has stepped against the monotonic clock, as it may while a machine "
                  "sleeps or moves: durations of calls that were open may be wrong");
  }
  set_length(*lately);
  const double drift = drift_between(*lately, before);
  // Within what the first, short calibration may have been off, there is nothing to know.
  if (drift <= most_drift + lately->error + before.error) return {};
  return rarely(
      pair.nanoseconds,
      fmt::format("the TSC was {} by {:.2g} % against the monotonic clock: the length of "
                  "its ticks is corrected, durations before were off by as much",
                  lately->nanoseconds < before.nanoseconds ? "fast" : "slow", drift * 100));
}

void counter_clock::set_length(const tick_length& length) const noexcept {
  if (as_fixed_point(length) == 0) return;
  length_ = length;
  nanoseconds_per_tick_.store(as_fixed_point(length), std::memory_order_relaxed);
}

std::string counter_clock::fall_back(std::string_view reason) const {
  const clock_pair pair = read_clock_pair(sources_);
  last_ticks_.store(pair.ticks, std::memory_order_relaxed);
  last_nanoseconds_.store(pair.nanoseconds, std::memory_order_relaxed);
  source_.store(source::monotonic, std::memory_order_release);
  reads_tsc_.store(false, std::memory_order_release);
  return fmt::format("{}: time is read from the monotonic clock from now on, which takes longer",
                     reason);
}

// A counter that goes astray again and again must not fill a log.
std::string counter_clock::rarely(std::uint64_t nanoseconds, std::string text) const {
  const bool is_due =
      last_warning_ == 0 || nanoseconds - last_warning_ >= nanoseconds_between_warnings;
  if (!is_due) return {};
  last_warning_ = nanoseconds;
  return text;
}

}  // namespace querytap::detail
