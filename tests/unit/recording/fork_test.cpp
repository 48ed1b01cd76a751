// A process may fork at any time: the child counts its own records from zero, the parent goes on.

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/testing/capture.hpp>
#include <querytap/testing/manual_clock.hpp>

#include <support/fork.hpp>

#include <catch2/catch.hpp>

#include <unistd.h>

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

using namespace querytap;
using querytap::testing::exit_code_of_child;
using namespace std::chrono_literals;

namespace {

std::uint64_t records_in(recorder& recorder) {
  std::uint64_t count = 0;
  for (const point& p : recorder.collect().find(catalog::operation_duration.name)) {
    count += p.histogram->count();
  }
  return count;
}

}  // namespace

TEST_CASE("the child of a fork counts from zero, and the parent's totals are untouched") {
  recorder recorder{{.service_name = "test"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  for (int i = 0; i < 10; ++i) latency.record(std::uint64_t{7});
  REQUIRE(records_in(recorder) == 10);

  CHECK(exit_code_of_child([&] {
          if (records_in(recorder) != 0) return false;
          for (int i = 0; i < 3; ++i) latency.record(std::uint64_t{7});
          return records_in(recorder) == 3;
        }) == 0);
  CHECK(records_in(recorder) == 10);
  latency.record(std::uint64_t{7});
  CHECK(records_in(recorder) == 11);
}

TEST_CASE("each series of the child starts at the fork, and each of the parent at its own start") {
  manual_clock time;
  recorder recorder{{.service_name = "test", .time = &time}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  latency.record(std::uint64_t{7});
  const auto start_of = [&] {
    return recorder.collect().find(catalog::operation_duration.name).at(0).series->start;
  };
  const auto begin = start_of();
  REQUIRE(begin == time.wall());

  time.advance(1h);
  const snapshot of_parent = recorder.collect();
  CHECK(exit_code_of_child([&] {
          const auto fork = time.wall();
          latency.record(std::uint64_t{7});
          time.advance(1h);
          const bool before_fork_is_untouched =
              of_parent.find(catalog::operation_duration.name).at(0).series->start == begin;
          return recorder.collect().start == fork && start_of() == fork && start_of() == fork &&
                 before_fork_is_untouched;
        }) == 0);
  CHECK(start_of() == begin);
}

TEST_CASE("losses of the parent are not the child's, and what is a state lives on") {
  capture telemetry{{.series_limit = 2}};
  recorder& recorder = telemetry.recorder();
  const up_down_counter open = recorder.bind_up_down_counter(catalog::connection_max, {});
  open.add(7);
  for (int i = 0; i < 5; ++i) {
    static_cast<void>(recorder.bind_counter(catalog::connection_timeouts, {{"pool", i}}));
  }
  const std::string_view maximum = catalog::connection_max.name;
  REQUIRE_THAT(telemetry.text(catalog::overflow.name), Catch::Contains("value=3"));
  CHECK(exit_code_of_child([&] {
          if (!telemetry.text(catalog::overflow.name).empty()) return false;
          if (telemetry.text(maximum) != "value=7") return false;
          open.add(-3);
          return telemetry.text(maximum) == "value=4";
        }) == 0);
  CHECK(telemetry.text(maximum) == "value=7");
}

TEST_CASE("a child of a child counts from zero too") {
  recorder recorder{{.service_name = "test"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  latency.record(std::uint64_t{7});
  CHECK(exit_code_of_child([&] {
          latency.record(std::uint64_t{7});
          const bool grandchild = exit_code_of_child([&] {
                                    latency.record(std::uint64_t{7});
                                    return records_in(recorder) == 1;
                                  }) == 0;
          return grandchild && records_in(recorder) == 1;
        }) == 0);
}

TEST_CASE("a fork amid recording and collecting threads leaves a child that works") {
  recorder recorder{{.service_name = "test"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  std::atomic<bool> done{false};
  std::vector<std::thread> busy;
  for (int i = 0; i < 2; ++i) {
    busy.emplace_back([&] {
      while (!done.load(std::memory_order_relaxed)) latency.record(std::uint64_t{7});
    });
    busy.emplace_back([&] {
      while (!done.load(std::memory_order_relaxed)) {
        static_cast<void>(records_in(recorder));
        static_cast<void>(recorder.bind_counter(catalog::connection_timeouts, {}));
      }
    });
  }
  int failed = 0;
  for (int i = 0; i < 20; ++i) {
    const int code = exit_code_of_child([&] {
      latency.record(std::uint64_t{7});
      return records_in(recorder) == 1;
    });
    failed += code != 0;
  }
  done = true;
  for (std::thread& thread : busy) thread.join();
  CHECK(failed == 0);
}

TEST_CASE("a recorder that ended before the fork does no harm in the child") {
  auto ended = std::make_unique<recorder>(recorder_options{.service_name = "test"});
  ended->bind_histogram(catalog::operation_duration, {}).record(std::uint64_t{7});
  ended.reset();
  CHECK(exit_code_of_child([] {
          recorder fresh{{.service_name = "test"}};
          fresh.bind_histogram(catalog::operation_duration, {}).record(std::uint64_t{7});
          return records_in(fresh) == 1;
        }) == 0);
}
