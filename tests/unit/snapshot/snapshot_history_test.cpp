// A history knows what was recorded in the last 1, 5 and 60 minutes, in bounded memory, and says what a
// window covers where it cannot cover all of it.

#include <querytap/snapshot/snapshot_history.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

constexpr std::size_t ample = std::size_t{16} << 20;

/// A recorder of calls that all take the same time, by hand: totals only grow.
class recorded_calls {
 public:
  explicit recorded_calls(std::size_t byte_limit = ample) : history_{byte_limit} {}

  void call(const std::string& statement, std::uint64_t count = 1,
            std::uint64_t nanoseconds = 1000) {
    entry& e = entry_of(statement);
    auto more = std::make_shared<histogram_data>(*e.total);
    for (std::uint64_t i = 0; i < count; ++i) more->record(nanoseconds);
    e.total = std::move(more);
  }
  void pass(std::chrono::nanoseconds time) { now_ += time; }
  /// As a collection does it.
  snapshot collect() {
    snapshot current = totals();
    if (history_.is_due(current)) history_.add(current);
    current.history = std::make_shared<const snapshot_history>(history_);
    return current;
  }
  /// What is known of the last minutes: calls, and what they cover.
  std::string last(std::chrono::nanoseconds window) {
    const snapshot known = recent(collect(), window);
    std::uint64_t calls = 0;
    for (const statement_row& row : statement_table(known)) calls += row.calls;
    return fmt::format("{} in {} s", calls,
                       std::chrono::duration_cast<std::chrono::seconds>(known.span).count());
  }
  [[nodiscard]] const snapshot_history& history() const { return history_; }

 private:
  struct entry {
    std::shared_ptr<const statement_identity> statement;
    std::shared_ptr<const histogram_data> total;
  };

  entry& entry_of(const std::string& statement) {
    for (entry& known : entries_) {
      if (known.statement->text == statement) return known;
    }
    return entries_.emplace_back(entry{statement_of(entries_.size() + 1, statement),
                                       std::make_shared<const histogram_data>(layout_)});
  }
  [[nodiscard]] snapshot totals() const {
    snapshot current{.time = std::chrono::system_clock::time_point{now_}, .span = now_};
    auto all = std::make_shared<metric>(metric{&catalog::operation_duration});
    for (const entry& e : entries_) all->points.push_back({series_, e.statement, e.total, 0});
    current.metrics.push_back(std::move(all));
    return current;
  }

  const std::shared_ptr<const bucket_layout> layout_ =
      bucket_layout::make(catalog::operation_duration, {});
  const std::shared_ptr<const series_identity> series_ = std::make_shared<const series_identity>(
      series_identity{&catalog::operation_duration, sqlite});
  std::vector<entry> entries_;
  std::chrono::nanoseconds now_{};
  snapshot_history history_;
};

}  // namespace

TEST_CASE("each window has the calls that were made in it", "[snapshot_history]") {
  recorded_calls here;
  for (int second = 0; second < 3 * 3600; second += 10) {
    here.call("select a");
    here.pass(10s);
    static_cast<void>(here.collect());
  }
  CHECK(here.last(1min) == "6 in 60 s");
  CHECK(here.last(5min) == "30 in 300 s");
  CHECK(here.last(60min) == "360 in 3600 s");
}

TEST_CASE("a window is off by half a step at most, whenever somebody looks", "[snapshot_history]") {
  recorded_calls here;
  for (int second = 1; second <= 2 * 3600; ++second) {
    here.call("select a");
    here.pass(1s);
    const snapshot current = here.collect();
    if (second < 3700 || second % 37 != 0) continue;
    CAPTURE(second);
    for (const auto& [window, most_off] :
         {std::pair<std::chrono::seconds, std::chrono::seconds>{1min, 5s},
          {5min, 30s},
          {60min, 150s}}) {
      const snapshot known = recent(current, window);
      CHECK(std::chrono::abs(known.span - window) <= most_off);
      const auto calls = static_cast<std::int64_t>(statement_table(known).at(0).calls);
      CHECK(std::chrono::seconds{calls} == known.span);
      CHECK(known.time - known.start == known.span);
    }
  }
}

TEST_CASE("calls that were made since the last step are counted", "[snapshot_history]") {
  recorded_calls here;
  here.pass(10s);
  static_cast<void>(here.collect());
  here.pass(3s);
  here.call("select a", 4);
  CHECK(here.last(1min) == "4 in 13 s");
}

TEST_CASE("of a young recorder every window is all there is", "[snapshot_history]") {
  recorded_calls here;
  here.call("select a", 3);
  here.pass(20s);
  CHECK(here.last(1min) == "3 in 20 s");
  CHECK(here.last(60min) == "3 in 20 s");
  CHECK(recent_windows(here.collect()).size() == 3);
}

TEST_CASE("what was recorded before anybody looked is in no window that is shorter",
          "[snapshot_history]") {
  recorded_calls here;
  here.call("select a", 1000);
  here.pass(40min);
  here.call("select b");
  CHECK(here.last(1min) == "0 in 0 s");
  CHECK(here.last(60min) == "1001 in 2400 s");
  const auto windows = recent_windows(here.collect());
  REQUIRE(windows.size() == 1);
  CHECK(windows[0].name == "60 min");
  here.pass(31s);
  here.call("select b");
  CHECK(here.last(1min) == "1 in 31 s");
  CHECK(recent_windows(here.collect()).size() == 2);
}

TEST_CASE(
    "without a history there are no windows, and no more is known than a young recorder's all",
    "[snapshot_history]") {
  recorded_calls here;
  here.call("select a");
  here.pass(20s);
  snapshot current = here.collect();
  current.history = nullptr;
  CHECK(recent_windows(current).empty());
  CHECK(statement_table(recent(current, 1min)).size() == 1);
  current.span = 10min;
  CHECK(statement_table(recent(current, 1min)).empty());
}

TEST_CASE("memory stays within its limit, and windows become shorter", "[snapshot_history]") {
  constexpr std::size_t limit = 60'000;
  recorded_calls here{limit};
  std::size_t most = 0;
  for (int step = 0; step < 400; ++step) {
    for (int i = 0; i < 50; ++i) here.call("select " + std::to_string(i));
    here.pass(10s);
    static_cast<void>(here.collect());
    most = std::max(most, here.history().bytes());
  }
  CHECK(most <= limit);
  CHECK(most > limit / 2);
  CHECK(here.last(1min) == "300 in 60 s");
  const snapshot hour = recent(here.collect(), 60min);
  CHECK(hour.span >= 10min);
  CHECK(statement_table(hour).at(0).calls ==
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::seconds>(hour.span) /
                                   10s));
  recorded_calls tiny{1};
  tiny.call("select a");
  tiny.pass(10s);
  CHECK(tiny.last(1min) == "0 in 0 s");
}

TEST_CASE("the names of statements that come and go are within the limit, too",
          "[snapshot_history]") {
  constexpr std::size_t limit = 300'000;
  recorded_calls here{limit};
  for (int step = 0; step < 100; ++step) {
    here.call("select " + std::string(20'000, 'x') + std::to_string(step));
    here.pass(10s);
    static_cast<void>(here.collect());
    CHECK(here.history().bytes() <= limit);
  }
  CHECK(here.last(1min) == "6 in 60 s");
}

TEST_CASE("the memory of a thousand busy series is what the header says", "[snapshot_history]") {
  recorded_calls here;
  std::size_t most = 0;
  for (int step = 0; step < 400; ++step) {
    // Ten calls in each step, spread over more than two powers of two.
    for (int i = 0; i < 100; ++i) {
      for (std::uint64_t k = 0; k < 10; ++k) {
        here.call("select " + std::to_string(i), 1, 1000 + 400 * k);
      }
    }
    here.pass(10s);
    static_cast<void>(here.collect());
    most = std::max(most, here.history().bytes());
  }
  // A hundred series stand for a thousand.
  CHECK(most * 10 < std::size_t{7} << 19);
  CHECK(most * 10 > std::size_t{5} << 19);
}

TEST_CASE("a window of ten minutes ago has what was called then", "[snapshot_history]") {
  recorded_calls here;
  for (int minute = 0; minute < 30; ++minute) {
    for (int step = 0; step < 6; ++step) {
      here.call("select a", static_cast<std::uint64_t>(minute));
      here.pass(10s);
      static_cast<void>(here.collect());
    }
  }
  const snapshot then = recent_before(here.collect(), 1min, 10min);
  CHECK(then.span == 1min);
  CHECK(then.time == std::chrono::system_clock::time_point{20min});
  const auto table = statement_table(then);
  REQUIRE(table.size() == 1);
  CHECK(table[0].calls == 6 * 19);
  CHECK(recent_before(here.collect(), 1min, 2h).span == 0s);
  // A window that is shorter than the steps of its time is the step that it lies in.
  const snapshot long_ago = recent_before(here.collect(), 1min, 22min);
  CHECK(long_ago.span == 5min);
  CHECK(statement_table(long_ago).size() == 1);
}

TEST_CASE("the steps of a statement have its calls alone, each once", "[snapshot_history]") {
  recorded_calls here;
  for (int second = 0; second < 7200; second += 10) {
    here.call("select a", 3);
    here.call("select b");
    here.pass(10s);
    static_cast<void>(here.collect());
  }
  here.pass(4s);
  here.call("select a", 5);
  const snapshot current = here.collect();
  const std::vector<statement_step> steps = current.history->steps_of("sqlite", 1, current);
  REQUIRE(steps.size() > 20);
  CHECK(steps.front().begin >= 3600s);
  CHECK(steps.back().end == 0s);
  CHECK(steps.back().durations->count() == 5);
  std::uint64_t calls = 0;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (i != 0) CHECK(steps[i].begin == steps[i - 1].end);
    calls += steps[i].durations->count();
  }
  CHECK(calls ==
        5 + 3 * static_cast<std::uint64_t>((steps.front().begin - 4s) / std::chrono::seconds{10}));
  CHECK(current.history->steps_of("sqlite", 99, current).back().durations == nullptr);
}

TEST_CASE("the range of a window is kept, so that the quantiles of one call are its time",
          "[snapshot_history]") {
  recorded_calls here;
  here.call("select a", 1, 30'000'000);
  here.pass(10s);
  static_cast<void>(here.collect());
  here.pass(10s);
  const auto table = statement_table(recent(here.collect(), 1min));
  REQUIRE(table.size() == 1);
  CHECK(table[0].p50 == Approx(0.03).epsilon(1e-9));
  CHECK(table[0].total == Approx(0.03).epsilon(1e-9));
}

TEST_CASE("gauges are as they are current, in every window", "[snapshot_history]") {
  snapshot_builder builder;
  builder.add(catalog::lanes, {}, 7);
  builder.add(catalog::connection_timeouts, {}, 3);
  snapshot first = builder.get();
  first.span = 10s;
  snapshot_history history{ample};
  history.add(first);
  builder.add(catalog::connection_timeouts, {}, 2);
  snapshot current = builder.get();
  current.span = 3min;
  history.add(current);
  const auto points = all_points(history.last(5min, current));
  REQUIRE(points.size() == 2);
  CHECK(points[0].number == 7);
  CHECK(points[1].number == 5);
}
