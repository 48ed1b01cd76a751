// A histogram stores a few of its values with the trace that they belong to, slow ones before fast
// ones, and none where there is no trace.

#include <querytap/recording/recorder.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/testing/capture.hpp>

#include <support/sanitizer.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <string>
#include <thread>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

// Every byte of the trace id and of the span id is the number, so that a torn exemplar shows.
trace_context trace_of(std::uint8_t number, bool sampled = true) {
  trace_context trace;
  trace.trace_id.fill(number);
  trace.span_id.fill(number);
  trace.flags = sampled ? trace_context::sampled_flag : 0;
  return trace;
}

struct measured {
  capture telemetry;
  histogram latency = telemetry.recorder().bind_histogram(catalog::operation_duration, {});

  void record(std::uint8_t trace, std::chrono::nanoseconds value) {
    const trace_scope scope{trace_of(trace)};
    latency.record(value);
  }
  /// "trace=value" for each exemplar.
  std::string exemplars() {
    std::string text;
    for (const point& p : telemetry.recorder().collect().find("db.client.operation.duration")) {
      for (const exemplar& exemplar : p.histogram->exemplars()) {
        text += std::to_string(exemplar.trace.trace_id[0]) + '=' +
                std::to_string(exemplar.value / 1'000'000) + ' ';
      }
    }
    return text;
  }
};

}  // namespace

TEST_CASE("a value within a trace is stored with the trace and the time") {
  measured chat;
  chat.telemetry.time().advance(5s);
  const auto time = chat.telemetry.recorder().time().wall();
  chat.record(7, 30ms);
  const auto points = chat.telemetry.recorder().collect().find("db.client.operation.duration");
  REQUIRE(points.at(0).histogram->exemplars().size() == 1);
  CHECK(points[0].histogram->exemplars()[0] == exemplar{30'000'000, time, trace_of(7)});
  CHECK(points[0].histogram->count() == 1);
}

TEST_CASE("without a trace, after one, or in one that is not sampled, nothing is stored") {
  measured chat;
  chat.latency.record(30ms);
  {
    const trace_scope unsampled{trace_of(1, false)};
    chat.latency.record(30ms);
  }
  {
    const trace_scope sampled{trace_of(2)};
    const trace_scope inner{trace_of(3, false)};
    chat.latency.record(30ms);
  }
  chat.latency.record(30ms);
  CHECK(chat.exemplars().empty());
}

TEST_CASE("the end of an inner scope leads back to the outer trace") {
  measured chat;
  const trace_scope outer{trace_of(1)};
  { const trace_scope inner{trace_of(2)}; }
  chat.latency.record(30ms);
  CHECK(chat.exemplars() == "1=30 ");
}

TEST_CASE("slow values replace fast ones, and never the other way round") {
  measured chat;
  for (std::uint8_t i = 0; i < 10; ++i) chat.record(i, std::chrono::milliseconds{1 << i});
  chat.record(100, 3ms);
  chat.record(101, 600ms);
  CHECK(chat.exemplars() == "101=600 9=512 8=256 7=128 ");
}

TEST_CASE("a collected exemplar is replaced by a newer one") {
  measured chat;
  for (std::uint8_t i = 0; i < 4; ++i) chat.record(i, std::chrono::milliseconds{100 << i});
  CHECK(chat.exemplars() == "3=800 2=400 1=200 0=100 ");
  CHECK(chat.exemplars() == "3=800 2=400 1=200 0=100 ");
  chat.record(9, 1ms);
  CHECK(chat.exemplars().find("9=1 ") != std::string::npos);
}

TEST_CASE(
    "the exemplars of all lanes and of both statements of a series are shown, the slowest first") {
  measured chat;
  chat.record(1, 10ms);
  std::thread{[&] { chat.record(2, 40ms); }}.join();
  chat.record(3, 20ms);
  CHECK(chat.exemplars() == "2=40 3=20 1=10 ");
}

TEST_CASE("an exemplar is whole at every moment") {
  recorder recorder;
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  std::atomic<bool> done{false};
  std::thread writer{[&] {
    for (std::uint64_t i = 1; !done.load(std::memory_order_relaxed); ++i) {
      const auto number = static_cast<std::uint8_t>(i % 250);
      const trace_scope scope{trace_of(number)};
      latency.record(std::uint64_t{number} << (i % 20));
    }
  }};
  constexpr int looks = testing::under_sanitizer ? 5'000 : 20'000;
  std::uint64_t seen = 0;
  for (int look = 0; look < looks; ++look) {
    for (const point& p : recorder.collect().find("db.client.operation.duration")) {
      for (const exemplar& exemplar : p.histogram->exemplars()) {
        ++seen;
        const std::uint8_t number = exemplar.trace.trace_id[0];
        const bool is_whole =
            exemplar.trace == trace_of(number) && (number == 0 || exemplar.value % number == 0);
        if (!is_whole)
          FAIL("torn: value " << exemplar.value << " of " << to_string(exemplar.trace));
      }
    }
  }
  done = true;
  writer.join();
  CHECK(seen > 0);
}
