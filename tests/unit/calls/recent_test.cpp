// Every recorder knows what was recorded lately: percentiles of the last minutes are there beside those
// since the start, whatever was retired, and a forked child begins with none.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot_difference.hpp>
#include <querytap/snapshot/snapshot_history.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <querytap/testing/capture.hpp>
#include <support/fork.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cstdint>
#include <random>
#include <string>
#include <thread>

using namespace querytap;
using querytap::testing::exit_code_of_child;
using namespace std::chrono_literals;

namespace {

struct observed_database {
  explicit observed_database(recorder_options options = {}) : telemetry{std::move(options)} {}

  void call(const std::string& sql, std::chrono::nanoseconds duration) {
    operation call{sqlite.statement_for(sql)};
    telemetry.time().advance(duration);
  }
  snapshot collect() { return telemetry.recorder().collect(); }
  /// Nothing happens but collections, as by a scrape.
  void idle(std::chrono::seconds length) {
    for (; length > 0s; length -= 5s) {
      telemetry.time().advance(5s);
      static_cast<void>(collect());
    }
  }

  capture telemetry;
  backend sqlite{telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
};

std::uint64_t calls_counted(const snapshot& snapshot) {
  std::uint64_t calls = 0;
  for (const statement_row& row : statement_table(snapshot)) calls += row.calls;
  return calls;
}

}  // namespace

TEST_CASE("after 300,000 fast calls, ten seconds of slow ones show in the last minute") {
  observed_database db;
  for (int i = 0; i < 300'000; ++i) db.call("select name from users where id = 17", 863ns);
  db.idle(2min);
  for (int i = 0; i < 2'000; ++i) {
    db.call("select name from users where id = 17", 5ms);
    if (i % 1'000 == 0) static_cast<void>(db.collect());
  }
  const snapshot current = db.collect();
  struct window_case {
    std::string name;
    snapshot recorded;
    std::uint64_t calls;
    double p99;
  };
  const auto windows = recent_windows(current);
  REQUIRE(windows.size() == 3);
  for (const window_case& c : {window_case{"since the start", current, 302'000, 863e-9},
                               window_case{"1 min", windows[0].recorded, 2'000, 5e-3},
                               window_case{"5 min", windows[1].recorded, 302'000, 863e-9},
                               window_case{"60 min", windows[2].recorded, 302'000, 863e-9}}) {
    CAPTURE(c.name);
    const auto table = statement_table(c.recorded);
    REQUIRE(table.size() == 1);
    CHECK(table[0].calls == c.calls);
    CHECK(table[0].p99 == Approx(c.p99).epsilon(0.05));
  }
}

TEST_CASE("differences from one snapshot to the next add up to the calls, over retirements") {
  std::mt19937 random{7};
  observed_database db{{.series_limit = 12, .retire_idle_after = 20ms}};
  snapshot before;
  std::uint64_t calls = 0;
  std::uint64_t differences = 0;
  for (int round = 0; round < 300; ++round) {
    for (unsigned i = 0; i < random() % 20; ++i, ++calls) {
      // Statements of one summary are one exported series, which ends when the last of them does.
      const std::string column = "c" + std::to_string(random() % 40);
      std::thread{[&] {
        db.call("select " + column + " from t" + std::to_string(round / 30), 1ms);
      }}.join();
    }
    if (round % 3 == 0) static_cast<void>(db.collect());  // another reader
    snapshot current = db.collect();
    differences += calls_counted(difference(current, before));
    before = std::move(current);
  }
  CHECK(differences == calls);
  CHECK(calls > 1'000);
  CHECK(before.retired.size() + before.metrics.size() > 1);
}

TEST_CASE("the windows of a recorder count every call once, over retirements and past its limits") {
  std::mt19937 random{11};
  observed_database db{{.series_limit = 12, .retire_idle_after = 30s}};
  std::uint64_t calls = 0;
  for (int round = 0; round < 200; ++round) {
    for (unsigned i = 0; i < random() % 8; ++i, ++calls) {
      const std::string text = "select c" + std::to_string(random() % 60) + " from t";
      std::thread{[&] { db.call(text, 1ms); }}.join();
    }
    db.telemetry.time().advance(3s);
    if (round % 2 == 0) static_cast<void>(db.collect());
  }
  CHECK(calls_counted(recent(db.collect(), 60min)) == calls);
}

TEST_CASE("the child of a fork begins without a history") {
  observed_database db;
  db.call("select a from t", 1ms);
  db.idle(1min);
  CHECK(exit_code_of_child([&] {
          const snapshot first = db.collect();
          if (first.span != 0s || calls_counted(recent(first, 60min)) != 0) return false;
          db.call("select a from t", 1ms);
          db.idle(30s);
          return calls_counted(recent(db.collect(), 60min)) == 1;
        }) == 0);
  CHECK(calls_counted(recent(db.collect(), 60min)) == 1);
}

TEST_CASE("a recorder without a limit of its history's memory has no windows") {
  observed_database db{{.history_byte_limit = 0}};
  db.call("select a from t", 1ms);
  db.idle(20s);
  CHECK(db.collect().history == nullptr);
  CHECK(recent_windows(db.collect()).empty());
}

TEST_CASE("a history that nobody feeds is kept by a collection every half minute") {
  observed_database db;
  const auto collections = [&] {
    const auto points = db.collect().find(catalog::collect_duration.name);
    return points.empty() ? 0 : points.at(0).histogram->count();
  };
  const std::uint64_t before = collections();
  db.telemetry.time().advance(29s);
  db.telemetry.recorder().keep_history();
  CHECK(collections() == before + 1);
  db.telemetry.time().advance(31s);
  db.telemetry.recorder().keep_history();
  db.telemetry.recorder().keep_history();
  CHECK(collections() == before + 3);
}

TEST_CASE("the memory of the history is among that of the recorder") {
  observed_database db;
  db.call("select a from t", 1ms);
  db.idle(20s);
  CHECK_THAT(db.telemetry.text("querytap.memory.usage"),
             Catch::Contains("querytap.part=history value=") &&
                 !Catch::Contains("querytap.part=history value=0"));
}
