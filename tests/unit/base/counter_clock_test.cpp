// A clock that counts the processor's ticks is right for as long as it is used: it follows a counter
// that drifts, outlives one that steps, stops or is given up by the kernel, and no duration is negative
// or absurd for it.

#include <base/counter_clock.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::detail;
using namespace std::chrono_literals;

/// A processor of 2.5 GHz, a kernel, and time that a test makes pass.
class simulated_machine final : public time_sources {
 public:
  double ticks_per_nanosecond = 2.5;
  std::string kernel_uses = "tsc";
  mutable int questions_to_the_kernel = 0;

  void pass(std::chrono::nanoseconds length) {
    nanoseconds_ += static_cast<std::uint64_t>(length.count());
    ticks_ += static_cast<double>(length.count()) * ticks_per_nanosecond;
  }
  void step_counter(double ticks) { ticks_ += ticks; }
  void drift_by(double share) { ticks_per_nanosecond = 2.5 * (1 + share); }

  [[nodiscard]] std::uint64_t counter() const noexcept override {
    return static_cast<std::uint64_t>(ticks_);
  }
  [[nodiscard]] std::uint64_t monotonic() const noexcept override { return nanoseconds_; }
  [[nodiscard]] std::string kernel_choice() const override {
    ++questions_to_the_kernel;
    return kernel_uses;
  }
  void pause(std::chrono::nanoseconds length) override { pass(length); }

 private:
  double ticks_ = 1e15;
  std::uint64_t nanoseconds_ = 7'000'000'000;
};

struct machine_and_clock {
  simulated_machine machine;
  counter_clock time{machine, calibrate(machine).value(), false};

  /// What the clock makes of a call of this length, over what it took.
  double share_of_call(std::chrono::nanoseconds length) {
    const std::uint64_t begin = time.ticks();
    machine.pass(length);
    return static_cast<double>(time.nanoseconds_between(begin, time.ticks())) /
           static_cast<double>(length.count());
  }
  std::string check_after(std::chrono::nanoseconds length) {
    machine.pass(length);
    return time.check();
  }
};

}  // namespace

TEST_CASE(
    "a counter that drifts by more than a ten-thousandth is followed, and one that does not is "
    "left alone") {
  struct drift_case {
    double drift;
    bool is_followed;
  };
  for (const auto& [drift, is_followed] :
       {drift_case{0, false}, drift_case{5e-5, false}, drift_case{-5e-5, false},
        drift_case{2e-4, true}, drift_case{-2e-4, true}, drift_case{0.01, true},
        drift_case{0.3, true}, drift_case{-0.4, true}, drift_case{2, true}}) {
    CAPTURE(drift);
    machine_and_clock here;
    CHECK(here.check_after(10s).empty());
    here.machine.drift_by(drift);
    const double length_before = here.time.nanoseconds_per_tick();
    CHECK(here.check_after(10s).empty() != is_followed);
    CHECK((here.time.nanoseconds_per_tick() != length_before) == is_followed);
    CHECK(here.share_of_call(30ms) == Approx(is_followed ? 1 : 1 + drift).epsilon(1e-6));
    CHECK(here.time.kind() == clock::source::tsc);
    CHECK(here.check_after(10s).empty());
  }
}

TEST_CASE("a warning of a drift says which way and how far, without a number of the machine") {
  machine_and_clock here;
  here.machine.drift_by(0.01);
  CHECK(here.check_after(10s) ==
        "the TSC was fast by 0.99 % against the monotonic clock: the length of its ticks is "
        "corrected, durations before were off by as much");
}

TEST_CASE(
    "a call that is open while the length of a tick is corrected is off by the drift at most") {
  for (const double drift : {3e-4, -3e-4, 0.2, -0.2}) {
    CAPTURE(drift);
    machine_and_clock here;
    here.machine.drift_by(drift);
    const std::uint64_t begin = here.time.ticks();
    CHECK_FALSE(here.check_after(20s).empty());
    here.machine.pass(20s);
    const double seconds =
        static_cast<double>(here.time.nanoseconds_between(begin, here.time.ticks())) / 1e9;
    CHECK(seconds == Approx(40.005).epsilon(1e-6));
  }
}

TEST_CASE(
    "once the kernel gives the counter up, time is the monotonic clock's, in the same scale") {
  machine_and_clock here;
  const std::uint64_t begin = here.time.ticks();
  here.machine.pass(3s);
  const std::uint64_t before = here.time.ticks();
  here.machine.kernel_uses = "hpet";
  CHECK(
      here.time.check() ==
      "the kernel uses hpet instead of the TSC: time is read from the monotonic clock from now on, "
      "which takes longer");
  CHECK(here.time.kind() == clock::source::monotonic);
  CHECK(here.time.ticks() >= before);

  here.machine.step_counter(-9e14);  // what made the kernel give it up
  here.machine.ticks_per_nanosecond = 0.1;
  CHECK(here.time.nanoseconds_between(begin, here.time.ticks()) == Approx(3e9).epsilon(1e-9));
  here.machine.pass(2s);
  CHECK(here.time.nanoseconds_between(begin, here.time.ticks()) == Approx(5e9).epsilon(1e-9));
  CHECK(here.share_of_call(1us) == Approx(1).epsilon(0.002));

  here.machine.kernel_uses = "tsc";
  CHECK(here.check_after(10s).empty());
  CHECK(here.time.kind() == clock::source::monotonic);
}

TEST_CASE("a counter that steps changes neither the length of a tick nor later calls") {
  for (const double hours : {10.0, -0.001, 0.0001, -10.0}) {
    CAPTURE(hours);
    machine_and_clock here;
    here.machine.pass(72h);
    const double length = here.time.nanoseconds_per_tick();
    CHECK(here.check_after(10s).empty());
    const std::uint64_t begin = here.time.ticks();
    here.machine.step_counter(hours * 3600 * 2.5e9);
    CHECK_THAT(here.check_after(10s), Catch::Contains("stepped"));
    CHECK(here.time.nanoseconds_per_tick() == Approx(length).epsilon(1e-9));
    CHECK(here.share_of_call(5ms) == Approx(1).epsilon(1e-6));
    if (hours < -0.01) CHECK(here.time.nanoseconds_between(begin, here.time.ticks()) == 0);
    CHECK(here.check_after(10s).empty());
  }
}

TEST_CASE("a counter that steps and drifts at once has the length of its ticks measured anew") {
  machine_and_clock here;
  here.machine.step_counter(1e13);
  here.machine.drift_by(0.25);
  CHECK_THAT(here.check_after(10s), Catch::Contains("stepped"));
  CHECK(here.share_of_call(30ms) == Approx(1).epsilon(1e-6));
}

TEST_CASE("a counter that stands still is given up") {
  machine_and_clock here;
  here.machine.ticks_per_nanosecond = 0;
  CHECK_THAT(here.check_after(10s), Catch::StartsWith("the TSC stands still: "));
  CHECK(here.share_of_call(30ms) == Approx(1).epsilon(1e-6));
  simulated_machine still;
  still.ticks_per_nanosecond = 0;
  CHECK_FALSE(calibrate(still).has_value());
}

TEST_CASE("a kernel that cannot be asked says nothing against the counter") {
  machine_and_clock here;
  here.machine.kernel_uses.clear();
  CHECK(here.check_after(10s).empty());
  CHECK(here.time.kind() == clock::source::tsc);
}

TEST_CASE("a clock is looked at once a second, however often it is asked for") {
  machine_and_clock here;
  for (int i = 0; i < 1000; ++i) CHECK(here.check_after(10ms).empty());
  CHECK(here.machine.questions_to_the_kernel <= 10);
  CHECK(here.machine.questions_to_the_kernel >= 9);
}

TEST_CASE("what a short first calibration was off is corrected without a word") {
  simulated_machine machine;
  const calibration rough{{.nanoseconds = 0.4 * 1.0003, .error = 5e-4},
                          {1'000'000'000'000'000, 7'000'000'000}};
  const counter_clock time{machine, rough, false};
  machine.pass(10s);
  CHECK(time.check().empty());
  CHECK(time.nanoseconds_per_tick() == Approx(0.4).epsilon(1e-6));
}

TEST_CASE("a counter that goes astray again and again is worth one warning an hour") {
  machine_and_clock here;
  int warnings = 0;
  for (int i = 0; i < 1200; ++i) {
    here.machine.drift_by(i % 2 == 0 ? 0.01 : -0.01);
    if (!here.check_after(10s).empty()) ++warnings;
  }
  CHECK(warnings >= 3);
  CHECK(warnings <= 4);
}

TEST_CASE("other clocks have nothing to be corrected") {
  CHECK(clock::monotonic().check().empty());
}

TEST_CASE(
    "threads that measure while the clock is given up see no time that is negative or absurd") {
  machine_and_clock here;
  here.machine.pass(10s);
  here.machine.kernel_uses = "hpet";
  std::atomic<bool> ended{false};
  std::vector<std::thread> threads;
  std::atomic<bool> was_wrong{false};
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      while (!ended) {
        const std::uint64_t begin = here.time.ticks();
        // The simulated time stands still meanwhile.
        if (here.time.nanoseconds_between(begin, here.time.ticks()) > 1) was_wrong = true;
      }
    });
  }
  for (int i = 0; i < 1000; ++i) static_cast<void>(here.time.check());
  ended = true;
  for (std::thread& thread : threads) thread.join();
  CHECK_FALSE(was_wrong);
  CHECK(here.time.kind() == clock::source::monotonic);
}

TEST_CASE("a collection looks at the clock, and tells the application what it found") {
  machine_and_clock here;
  std::vector<std::string> warnings;
  recorder recorder{{.service_name = "test",
                     .time = &here.time,
                     .warn = [&](std::string_view text) { warnings.emplace_back(text); }}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  latency.record(1ms);
  static_cast<void>(recorder.collect());
  CHECK(warnings.empty());
  here.machine.drift_by(0.1);
  here.machine.pass(10s);
  static_cast<void>(recorder.collect());
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0], Catch::StartsWith("the TSC was fast by 9.1 %"));
  here.machine.kernel_uses = "acpi_pm";
  here.machine.pass(10s);
  CHECK(recorder.collect().find("db.client.operation.duration").size() == 1);
  REQUIRE(warnings.size() == 2);
  CHECK_THAT(warnings[1], Catch::StartsWith("the kernel uses acpi_pm"));
}

TEST_CASE("a warning that throws ends nothing") {
  machine_and_clock here;
  recorder recorder{
      {.service_name = "test", .time = &here.time, .warn = [](std::string_view) { throw 42; }}};
  here.machine.kernel_uses = "hpet";
  here.machine.pass(10s);
  CHECK_FALSE(recorder.collect().metrics.empty());
}
