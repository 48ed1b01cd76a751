// Idle series are retired without a record being lost, and no thread ever records into a series
// that has become another one.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

struct limited_database {
  explicit limited_database(recorder_options options) : telemetry{std::move(options)} {}

  void call(const std::string& sql) {
    operation call{sqlite.statement_for(sql)};
    telemetry.time().advance(1ms);
  }
  // On a thread of its own, so that the cache of this one does not hold a reference to the
  // statement.
  void call_elsewhere(const std::string& sql) {
    std::thread{[&] { call(sql); }}.join();
  }
  std::string durations() { return telemetry.text_by_statement("db.client.operation.duration"); }

  capture telemetry;
  backend sqlite{telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
};

std::uint64_t calls_in(const snapshot& snapshot) {
  std::uint64_t calls = 0;
  for (const point& p : snapshot.find("db.client.operation.duration"))
    calls += p.histogram->count();
  return calls;
}

}  // namespace

TEST_CASE("an idle statement is exported a last time, and is part of the overflow afterwards") {
  limited_database db{{.retire_idle_after = 60s}};
  db.call_elsewhere("select a from t");
  db.telemetry.time().advance(30s);
  CHECK_THAT(db.durations(), Catch::StartsWith("\"select a from t\""));
  db.call_elsewhere("select b from u");
  db.telemetry.time().advance(60s);
  // The snapshot in whose making the statement is found to be idle still shows it.
  CHECK_THAT(db.durations(),
             Catch::Contains("\"select a from t\"") && Catch::Contains("\"select b from u\""));
  CHECK_THAT(db.durations(), !Catch::Contains("\"select a from t\"") &&
                                 Catch::Contains("\"select b from u\"") &&
                                 Catch::Contains("otel.metric.overflow=true count=1 "));
}

TEST_CASE("a statement that comes back starts anew, with a time of its own") {
  limited_database db{{.retire_idle_after = 0s}};
  db.call_elsewhere("select a from t");
  const auto first = db.telemetry.recorder().collect().find("db.client.operation.duration").at(0);
  CHECK(db.durations() == "otel.metric.overflow=true count=1 sum=0.001 (0.000977,0.001]=1");
  db.telemetry.time().advance(10s);
  db.call_elsewhere("select a from t");
  const auto again = db.telemetry.recorder().collect().find("db.client.operation.duration").at(0);
  CHECK(to_string(again.series->labels) == to_string(first.series->labels));
  CHECK(again.histogram->count() == 1);
  CHECK(again.series->start == first.series->start + 10s + 1ms);
}

TEST_CASE("an exported series never falls back while others count under the same name") {
  limited_database db{{.retire_idle_after = 60s}};
  db.call_elsewhere("select a from t where x = 1");
  db.call_elsewhere("select b from t where y = 1");
  CHECK_THAT(db.telemetry.text("db.client.operation.duration"),
             Catch::Contains("select t db.system.name=sqlite count=2"));
  db.telemetry.time().advance(50s);
  db.call_elsewhere("select b from t where y = 1");
  CHECK_THAT(db.telemetry.text("db.client.operation.duration"),
             Catch::Contains("select t db.system.name=sqlite count=3"));
  db.telemetry.time().advance(50s);
  for (int look = 0; look < 3; ++look) {
    CHECK(db.telemetry.text("db.client.operation.duration")
              .find("select t db.system.name=sqlite count=3") != std::string::npos);
  }
  CHECK_THAT(db.durations(), !Catch::Contains("\"select a from t where x = ?\""));
  CHECK_THAT(db.durations(), Catch::Contains("\"select b from t where y = ?\""));
}

TEST_CASE("neither a statement with a handle nor one with a call in flight is retired") {
  limited_database db{{.retire_idle_after = 0s}};
  std::optional<statement_handle> handle;
  std::thread{[&] { handle.emplace(db.sqlite.statement_for("select held from t")); }}.join();
  std::optional<operation> running;
  std::thread{[&] { running.emplace(db.sqlite.statement_for("select running from t")); }}.join();
  for (int look = 0; look < 3; ++look) {
    static_cast<void>(db.durations());
    operation{**handle}.finish();
  }
  running.reset();
  CHECK(db.durations() ==
        "\"select held from t\" db.query.summary=select t db.system.name=sqlite "
        "count=3 sum=0 (0,0]=3\n"
        "\"select running from t\" db.query.summary=select t db.system.name=sqlite "
        "count=1 sum=0 (0,0]=1");
  CHECK_THAT(db.durations(), !Catch::Contains("\"select running from t\""));
  handle.reset();
  CHECK_THAT(db.durations(), Catch::Contains("\"select held from t\""));
  CHECK(db.durations() == "otel.metric.overflow=true count=4 sum=0 (0,0]=4");
}

TEST_CASE("a thread that makes other calls releases the statements that it no longer uses") {
  limited_database db{{.retire_idle_after = 60s}};
  db.call("select a from t");
  for (int minute = 0; minute < 4; ++minute) {
    db.telemetry.time().advance(30s);
    db.call("select b from u");
    static_cast<void>(db.durations());
  }
  CHECK_THAT(db.durations(),
             !Catch::Contains("\"select a from t\"") && Catch::Contains("\"select b from u\""));
}

TEST_CASE("request names are retired as statements are") {
  capture telemetry{{.retire_idle_after = 0s}};
  std::thread{[&] { request{telemetry.recorder(), "POST /chat"}.finish(); }}.join();
  CHECK_THAT(telemetry.text("querytap.request.duration"), Catch::Contains("POST /chat"));
  CHECK_THAT(telemetry.text("querytap.request.duration"),
             !Catch::Contains("POST /chat") && Catch::Contains("count=1 "));
}

TEST_CASE("the memory of retired series is used again") {
  limited_database db{{.series_limit = 50, .retire_idle_after = 0s}};
  const auto bytes = [&] { return db.telemetry.text("querytap.memory.usage"); };
  std::string after_a_while;
  for (int round = 0; round < 200; ++round) {
    for (int i = 0; i < 20; ++i) {
      db.call("select c" + std::to_string(round * 20 + i) + " from t" + std::to_string(round));
    }
    // A look for another statement makes this thread release the stale ones.
    static_cast<void>(db.durations());
    db.call("select 1");
    static_cast<void>(db.durations());
    if (round == 20) after_a_while = bytes();
  }
  CHECK(bytes() == after_a_while);
  CHECK(calls_in(db.telemetry.recorder().collect()) == 200 * 21);
  CHECK_THAT(db.telemetry.text("querytap.overflow"), Catch::Equals(""));
}

TEST_CASE(
    "with retirement at every collection, threads lose nothing and do not disturb one another") {
  constexpr int threads = 4;
  constexpr int calls = 20'000;
  recorder recorder{{.series_limit = 300, .retire_idle_after = 0s}};
  const backend sqlite{recorder, {.system = "sqlite", .dialect = dialect::sqlite}};
  std::atomic<int> running{threads};
  std::vector<std::thread> callers;
  for (int thread = 0; thread < threads; ++thread) {
    callers.emplace_back([&, thread] {
      std::mt19937 random{static_cast<unsigned>(thread)};
      for (int i = 0; i < calls; ++i) {
        // A few that are repeated, and many that occur once.
        const auto number = random() % 4 == 0 ? random() % 100'000 : random() % 20;
        request chat{recorder, "GET /" + std::to_string(number % 50)};
        operation call{sqlite.statement_for("select c" + std::to_string(number) + " from t")};
        if (number % 7 == 0) call.fail(outcome::error("5"));
        call.rows(1);
      }
      --running;
    });
  }
  std::uint64_t last = 0;
  while (running.load() > 0) {
    const std::uint64_t counted = calls_in(recorder.collect());
    if (counted < last) FAIL("fell back from " << last << " to " << counted);
    last = counted;
  }
  for (std::thread& caller : callers) caller.join();
  const snapshot end = recorder.collect();
  CHECK(calls_in(end) == std::uint64_t{threads} * calls);
  std::uint64_t requests = 0;
  for (const point& p : end.find("querytap.request.duration")) requests += p.histogram->count();
  CHECK(requests == std::uint64_t{threads} * calls);
}
