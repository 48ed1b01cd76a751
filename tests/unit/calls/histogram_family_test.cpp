// A family has one series for each combination of values, found again without a lock, within the
// limits of every other series.

#include <querytap/calls/histogram_family.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

constexpr instrument tool_duration{.name = "tool.duration",
                                   .unit = "{call}",
                                   .kind = instrument_kind::histogram,
                                   .description = "Calls of tools."};

/// In the series that are exported, and those that have ended.
std::uint64_t records_in(recorder& recorder) {
  std::uint64_t records = 0;
  const snapshot collected = recorder.collect();
  for (const point& p : collected.find("tool.duration")) records += p.histogram->count();
  for (const point& p : collected.retired) {
    if (p.series->instrument == &tool_duration) records += p.histogram->count();
  }
  return records;
}

}  // namespace

TEST_CASE("each combination of values has a series of its own") {
  capture telemetry;
  const histogram_family calls{telemetry.recorder(), tool_duration, {"tool", "tenant"}};
  for (int round = 0; round < 3; ++round) {
    calls.record(1, {"search", "a"});
    calls.record(2, {"search", "b"});
  }
  CHECK(telemetry.text("tool.duration") ==
        "tenant=a tool=search count=3 sum=3 (0,1]=3\n"
        "tenant=b tool=search count=3 sum=6 (1,2]=3");
}

TEST_CASE("values that read the same when joined have series of their own") {
  capture telemetry;
  const histogram_family calls{telemetry.recorder(), tool_duration, {"a", "b"}};
  for (int round = 0; round < 2; ++round) {
    calls.record(1, {"xy", "z"});
    calls.record(1, {"x", "yz"});
    calls.record(1, {"", "xyz"});
    calls.record(1, {"", std::string_view{"\0\0", 2}});
    calls.record(1, {std::string_view{"\0\0", 2}, ""});
  }
  CHECK(telemetry.recorder().collect().find("tool.duration").size() == 5);
  CHECK(records_in(telemetry.recorder()) == 10);
}

TEST_CASE("values of any length are recorded") {
  capture telemetry;
  const histogram_family calls{telemetry.recorder(), tool_duration, {"tool"}};
  for (const std::size_t length : {0U, 1U, 509U, 510U, 511U, 5'000U, 70'000U}) {
    const std::string value(length, 'x');
    calls.record(7, {value});
    calls.record(7, {value});
  }
  const auto points = telemetry.recorder().collect().find("tool.duration");
  CHECK(points.size() == 7);
  for (const point& p : points) CHECK(p.histogram->count() == 2);
}

TEST_CASE("families of one instrument share their series") {
  capture telemetry;
  const histogram_family first{telemetry.recorder(), tool_duration, {"tool"}};
  const histogram_family second{telemetry.recorder(), tool_duration, {"tool"}};
  first.record(1, {"search"});
  second.record(1, {"search"});
  CHECK(telemetry.text("tool.duration") == "tool=search count=2 sum=2 (0,1]=2");
}

TEST_CASE("the series of a family that has ended are retired") {
  capture telemetry{{.retire_idle_after = 0s}};
  std::thread{[&] {
    histogram_family{telemetry.recorder(), tool_duration, {"tool"}}.record(1, {"search"});
  }}.join();
  CHECK_THAT(telemetry.text("tool.duration"), Catch::Contains("tool=search"));
  CHECK(telemetry.text("tool.duration").empty());
}

TEST_CASE("families of one instrument with other keys, or in another order, are apart") {
  capture telemetry;
  const histogram_family first{telemetry.recorder(), tool_duration, {"tool", "tenant"}};
  const histogram_family second{telemetry.recorder(), tool_duration, {"tenant", "tool"}};
  const histogram_family third{telemetry.recorder(), tool_duration, {"user", "tool"}};
  for (int round = 0; round < 2; ++round) {
    first.record(1, {"a", "b"});
    second.record(1, {"a", "b"});
    third.record(1, {"a", "b"});
  }
  CHECK(telemetry.text("tool.duration") ==
        "tenant=a tool=b count=2 sum=2 (0,1]=2\n"
        "tenant=b tool=a count=2 sum=2 (0,1]=2\n"
        "tool=b user=a count=2 sum=2 (0,1]=2");
}

TEST_CASE("past the series limit every record is still counted") {
  capture telemetry{{.series_limit = 10}};
  const histogram_family calls{telemetry.recorder(), tool_duration, {"user"}};
  for (int i = 0; i < 1'000; ++i) calls.record(1, {std::to_string(i)});
  CHECK(records_in(telemetry.recorder()) == 1'000);
  CHECK(telemetry.recorder().collect().find("tool.duration").size() == 11);
}

TEST_CASE(
    "threads that record many combinations with retirement at every collection lose nothing") {
  recorder recorder{{.series_limit = 100, .retire_idle_after = 0s}};
  const histogram_family calls{recorder, tool_duration, {"user", "tool"}};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20'000; ++i) {
        calls.record(std::chrono::nanoseconds{1}, {std::to_string(i % 500), "search"});
      }
    });
  }
  for (int look = 0; look < 50; ++look) static_cast<void>(recorder.collect());
  for (std::thread& thread : threads) thread.join();
  CHECK(records_in(recorder) == 4 * 20'000);
}

TEST_CASE("an instrument that is not a histogram is refused when the family is made") {
  capture telemetry;
  CHECK_THROWS_WITH((histogram_family{telemetry.recorder(), catalog::connection_timeouts, {"a"}}),
                    Catch::Contains("db.client.connection.timeouts"));
}

TEST_CASE("a recorder that is switched off records nothing") {
  capture telemetry{{.disabled = true}};
  const histogram_family calls{telemetry.recorder(), tool_duration, {"tool"}};
  calls.record(1, {"search"});
  CHECK(telemetry.recorder().collect().metrics.empty());
}
