// A clock measures how long something took: truly where it is the clock of the process, and exactly
// as the test moved it where it is a manual one. No duration is negative.

#include <querytap/base/clock.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <fstream>
#include <limits>
#include <string>

namespace querytap {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();

double nanoseconds(steady_clock::duration time) {
  return std::chrono::duration<double, std::nano>{time}.count();
}

struct measured {
  double at_least;
  double by_the_clock;
  double at_most;
};

/// A busy wait as measured from inside, by the clock, and from outside: a pause of the machine at
/// any point leaves the three in this order.
measured measure_busy_wait(const clock& time, std::chrono::milliseconds length) {
  const auto outer_begin = steady_clock::now();
  const std::uint64_t begin = time.ticks();
  const auto inner_begin = steady_clock::now();
  auto inner_end = inner_begin;
  while (inner_end - inner_begin < length) inner_end = steady_clock::now();
  const std::uint64_t end = time.ticks();
  const auto outer_end = steady_clock::now();
  return {nanoseconds(inner_end - inner_begin),
          static_cast<double>(time.nanoseconds_between(begin, end)),
          nanoseconds(outer_end - outer_begin)};
}

void check_agreement_with_steady_clock(const clock& time) {
  CAPTURE(to_string(time.kind()), time.nanoseconds_per_tick());
  const measured wait = measure_busy_wait(time, 20ms);
  CHECK(wait.by_the_clock > wait.at_least * 0.999);
  CHECK(wait.by_the_clock < wait.at_most * 1.001);
}

}  // namespace

TEST_CASE("the process' clock agrees with the steady clock to a thousandth", "[clock]") {
  check_agreement_with_steady_clock(clock::process());
}

TEST_CASE("the monotonic clock agrees with the steady clock to a thousandth", "[clock]") {
  check_agreement_with_steady_clock(clock::monotonic());
}

TEST_CASE("a clock never goes back", "[clock]") {
  for (const clock* time : {&clock::process(), &clock::monotonic()}) {
    std::uint64_t last = time->ticks();
    bool went_back = false;
    for (int i = 0; i < 100'000; ++i) {
      const std::uint64_t ticks = time->ticks();
      went_back = went_back || ticks < last;
      last = ticks;
    }
    CAPTURE(to_string(time->kind()));
    CHECK_FALSE(went_back);
  }
}

TEST_CASE("no time is negative: a step back counts as none", "[clock]") {
  const manual_clock manual;
  for (const clock* time :
       {&clock::process(), &clock::monotonic(), static_cast<const clock*>(&manual)}) {
    CAPTURE(to_string(time->kind()));
    CHECK(time->nanoseconds_between(1000, 999) == 0);
    CHECK(time->nanoseconds_between(most, 0) == 0);
    CHECK(time->nanoseconds_between(1000, 1000) == 0);
  }
}

TEST_CASE("the longest time does not overflow", "[clock]") {
  CHECK(clock::monotonic().nanoseconds_between(0, most) == most);
  CHECK(manual_clock{}.nanoseconds_between(1, most) == most - 1);
}

TEST_CASE("a manual clock stands still until it is moved, and then moves exactly", "[clock]") {
  manual_clock time;
  const std::uint64_t begin = time.ticks();
  CHECK(time.ticks() == begin);

  time.advance(30ms);
  CHECK(time.nanoseconds_between(begin, time.ticks()) == 30'000'000);
  time.advance(1ns);
  CHECK(time.nanoseconds_between(begin, time.ticks()) == 30'000'001);
  time.advance(24h * 365);
  CHECK(time.nanoseconds_between(begin, time.ticks()) == 31'536'000'030'000'001);
}

TEST_CASE("a manual clock's calendar begins with the epoch and moves along", "[clock]") {
  manual_clock time;
  CHECK(time.wall().time_since_epoch() == 0s);
  time.advance(90s);
  CHECK(time.wall().time_since_epoch() == 90s);
}

TEST_CASE("the process' calendar is the system's", "[clock]") {
  const auto before = std::chrono::system_clock::now();
  const auto reported = clock::process().wall();
  const auto after = std::chrono::system_clock::now();
  CHECK(reported >= before - 1s);
  CHECK(reported <= after + 1s);
}

TEST_CASE("a clock names its source", "[clock]") {
  CHECK(to_string(manual_clock{}.kind()) == "manual");
  CHECK(to_string(clock::monotonic().kind()) == "monotonic");
  CHECK(manual_clock{}.nanoseconds_per_tick() == 1);
  CHECK(clock::monotonic().nanoseconds_per_tick() == 1);
  CHECK(to_string(clock::source::tsc) == "tsc");
}

TEST_CASE("the processor's counter is read only where the kernel trusts it", "[clock]") {
  std::string chosen;
  std::ifstream{"/sys/devices/system/clocksource/clocksource0/current_clocksource"} >> chosen;
  const clock& time = clock::process();
  CAPTURE(chosen, to_string(time.kind()));
  CHECK((time.kind() == clock::source::monotonic ||
         (time.kind() == clock::source::tsc && chosen == "tsc")));
}

TEST_CASE("the process has one clock, calibrated once", "[clock]") {
  CHECK(&clock::process() == &clock::process());
  CHECK(&clock::monotonic() == &clock::monotonic());
}

}  // namespace querytap
