// Idle series are retired without a record being lost, and no thread ever records into a series
// that has become another one.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <querytap/testing/capture.hpp>
#include <support/fork.hpp>
#include <support/soak.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using querytap::testing::exit_code_of_child;
using querytap::testing::soak_count;
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

/// Of the series that are exported, and of those that have ended.
std::uint64_t calls_in(const snapshot& snapshot) {
  std::uint64_t calls = 0;
  for (const statement_row& row : statement_table(snapshot)) {
    if (!row.is_overflow) calls += row.calls;
  }
  return calls;
}

/// Adds up what OTLP's deltas would tell of an instrument, from one snapshot to the next.
class delta_reader {
 public:
  void read(const snapshot& snapshot, std::string_view instrument) {
    counts current;
    for (const point& p : merge_statements(snapshot.find(instrument))) {
      const auto before = last_.find(p.series);
      sum_ += p.histogram->count() - (before == last_.end() ? 0 : before->second);
      current.emplace(p.series, p.histogram->count());
    }
    last_ = std::move(current);
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  using counts = std::map<std::shared_ptr<const series_identity>, std::uint64_t>;
  counts last_;
  std::uint64_t sum_ = 0;
};

/// Adds up as increase() of Prometheus does for series that it knows from their begin: by name, and where
/// a value falls, the counter has started anew.
class increase_reader {
 public:
  void read(const snapshot& snapshot, std::string_view instrument) {
    for (const point& p : merge_statements(snapshot.find(instrument))) {
      std::uint64_t& before = last_[to_string(p.series->labels)];
      const std::uint64_t count = p.histogram->count();
      sum_ += count < before ? count : count - before;
      before = count;
    }
  }
  [[nodiscard]] std::uint64_t sum() const { return sum_; }

 private:
  std::map<std::string, std::uint64_t> last_;
  std::uint64_t sum_ = 0;
};

}  // namespace

TEST_CASE("an idle statement is exported a last time, and then its series ends") {
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
                                 !Catch::Contains("otel.metric.overflow=true"));
}

TEST_CASE("a statement that comes back starts anew, with a time of its own") {
  limited_database db{{.retire_idle_after = 0s}};
  db.call_elsewhere("select a from t");
  const auto first = db.telemetry.recorder().collect().find("db.client.operation.duration").at(0);
  CHECK(db.durations().empty());
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

TEST_CASE("who reads differences counts every call once, over retirements and returns") {
  limited_database db{{.retire_idle_after = 60s}};
  delta_reader deltas;
  increase_reader increases;
  std::uint64_t calls = 0;
  int rare =
      3;  // each returns with less than it had: a series that returns with more seems to go on
  for (const int repeated : {1'024, 1'000, 3}) {
    db.call_elsewhere("select b from t where y = 1");  // exported under the same name
    for (int i = 0; i < repeated; ++i) db.call("select a from t where x = 1");
    for (int i = 0; i < repeated; ++i) db.call("select c from u");
    calls += 2 * static_cast<std::uint64_t>(repeated) + 1;
    for (int minute = 0; minute < 5; ++minute) {
      const snapshot seen = db.telemetry.recorder().collect();
      deltas.read(seen, "db.client.operation.duration");
      increases.read(seen, "db.client.operation.duration");
      db.telemetry.time().advance(minute < 4 ? 61s : 0s);
      if (minute != 1) continue;
      for (int i = 0; i < rare; ++i) db.call("select d from v");  // releases what has become stale
      calls += static_cast<std::uint64_t>(rare--);
    }
  }
  CHECK(deltas.sum() == calls);
  CHECK(increases.sum() == calls);
  CHECK(calls_in(db.telemetry.recorder().collect()) == calls);
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
  CHECK(db.durations().empty());
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
             !Catch::Contains("POST /chat") && !Catch::Contains("count=1 "));
}

TEST_CASE("a call that was open at a fork keeps its statement in the child, until it ends") {
  limited_database db{{.retire_idle_after = 0s}};
  std::optional<operation> open;
  std::optional<request> chat;
  chat.emplace(db.telemetry.recorder(), "POST /chat");
  open.emplace(db.sqlite.statement_for("select a from t"));
  const statement* const called = &db.sqlite.statement_for("select a from t");
  CHECK(exit_code_of_child([&] {
          for (int i = 0; i < 5; ++i) {
            db.call("select b from u");  // releases what this thread had found before
            static_cast<void>(db.durations());
          }
          const bool is_kept = &db.sqlite.statement_for("select a from t") == called;
          open->fail(outcome::error("5"));
          open.reset();
          chat.reset();
          for (int i = 0; i < 5; ++i) {
            db.call("select b from u");
            static_cast<void>(db.durations());
          }
          return is_kept && db.durations().find("\"select a from t\"") == std::string::npos;
        }) == 0);
}

TEST_CASE("past the series limit nothing is bound by name, which no one would give back") {
  limited_database db{{.series_limit = 20, .retire_idle_after = 60s}};
  for (int i = 0; i < 200; ++i) {
    request scan{db.telemetry.recorder(), "GET /" + std::to_string(i)};
    operation call{db.sqlite.statement_for("select c" + std::to_string(i) + " from t")};
    call.rows(1);
    if (i % 2 == 0) call.fail(outcome::error("5"));
    if (i % 3 == 0) scan.fail(outcome::error("500"));
  }
  const std::string overflow = db.telemetry.text("querytap.overflow");
  for (const char* const named : {"operation.duration", "request.duration"}) {
    CHECK_THAT(overflow, Catch::Contains(named));
  }
  for (const char* const with_others :
       {"returned_rows", "request.operations", "request.backend.duration"}) {
    CHECK_THAT(overflow, !Catch::Contains(with_others));
  }
}

TEST_CASE("kinds of failure are bounded, and past the limit they count as _OTHER") {
  capture telemetry;
  const backend sqlite{telemetry.recorder(), {.system = "sqlite"}};
  for (int i = 0; i < 1'000; ++i) {
    request chat{telemetry.recorder(), "POST /chat"};
    operation call{sqlite.statement_for("select 1")};
    call.fail(outcome::error("E" + std::to_string(i)));
    chat.fail(outcome::error("E" + std::to_string(i)));
    sqlite.record_phase("phase" + std::to_string(i), 1ms);
  }
  const snapshot end = telemetry.recorder().collect();
  for (const std::string_view instrument :
       {catalog::operation_duration.name, catalog::request_duration.name,
        catalog::phase_duration.name}) {
    const std::vector<point> points = end.find(instrument);
    CHECK(points.size() <= 36);
    std::uint64_t calls = 0;
    for (const point& p : points) calls += p.histogram->count();
    // Of the phases, those with names of the application's own come on top of the calls' `execute`.
    CHECK(calls == (instrument == catalog::phase_duration.name ? 2'000 : 1'000));
    CHECK_THAT(telemetry.text(instrument),
               Catch::Contains("=_OTHER") && Catch::Contains(" count=968 "));
  }
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
  const int calls = soak_count(200'000, 5'000);
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
  const auto all = static_cast<std::uint64_t>(threads) * static_cast<std::uint64_t>(calls);
  std::uint64_t last = 0;
  delta_reader deltas;
  while (running.load() > 0) {
    const snapshot seen = recorder.collect();
    deltas.read(seen, "db.client.operation.duration");
    const std::uint64_t counted = calls_in(seen);
    if (counted < last) FAIL("fell back from " << last << " to " << counted);
    last = counted;
  }
  for (std::thread& caller : callers) caller.join();
  const snapshot end = recorder.collect();
  CHECK(calls_in(end) == all);
  deltas.read(end, "db.client.operation.duration");
  CHECK(deltas.sum() == all);
  std::uint64_t requests = 0;
  for (const point& p : end.find("querytap.request.duration")) requests += p.histogram->count();
  for (const point& p : end.retired) {
    if (p.series->instrument->name == "querytap.request.duration") requests += p.histogram->count();
  }
  CHECK(requests == all);
}
