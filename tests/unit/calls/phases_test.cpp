// Every phase of every call is in the phase metric, whether the call has one phase or several, and
// every call is in the duration metric once.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <querytap/testing/capture.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::without;

namespace {

struct phased_backend {
  explicit phased_backend(recorder_options options = {}) : telemetry{std::move(options)} {}

  void call(const std::function<void(operation&)>& inside, phase first = phase::execute,
            std::string_view sql = "select a from t") {
    operation call{documents.statement_for(sql), first};
    inside(call);
  }
  void plain_call(std::chrono::nanoseconds spent, std::string_view sql = "select a from t") {
    call([&](operation&) { telemetry.time().advance(spent); }, phase::execute, sql);
  }

  /// How many calls had each phase, and how long: `execute 2 0.03, lock_wait 1 0.005`.
  std::string phase_sums() {
    std::map<std::string, std::string> sums;
    for (const point& p : telemetry.recorder().collect().find(catalog::phase_duration.name)) {
      if (p.histogram->count() == 0) continue;
      const std::string name = to_string(*p.series->labels.find("querytap.phase"));
      const std::string text = to_string(*p.histogram);
      sums[name] = text.substr(0, text.find(" ("));
    }
    std::string line;
    for (const auto& [name, text] : sums) line += (line.empty() ? "" : ", ") + name + ' ' + text;
    return line;
  }
  std::string durations() {
    return without(telemetry.text("db.client.operation.duration"), "db.system.name=sqlite ");
  }

  capture telemetry;
  backend documents{telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
};

}  // namespace

TEST_CASE("a call's time is in the metric of its phases, however many it has", "[phases]") {
  struct example {
    std::function<void(phased_backend&)> calls;
    std::string expected;
  };
  const auto advance = [](phased_backend& db, std::chrono::nanoseconds spent) {
    db.telemetry.time().advance(spent);
  };
  const std::vector<example> examples{
      {[](phased_backend& db) { db.plain_call(3ms); }, "execute count=1 sum=0.003"},
      {[&](phased_backend& db) { db.call([&](operation&) { advance(db, 4ms); }, phase::commit); },
       "commit count=1 sum=0.004"},
      {[&](phased_backend& db) {
         db.call([&](operation& call) {
           advance(db, 5ms);
           call.was(phase::lock_wait);
         });
       },
       "lock_wait count=1 sum=0.005"},
      {[&](phased_backend& db) {
         db.call([&](operation& call) {
           advance(db, 30ms);
           call.spent(phase::lock_wait, 20ms);
         });
       },
       "execute count=1 sum=0.01, lock_wait count=1 sum=0.02"},
      {[&](phased_backend& db) {
         db.call([&](operation& call) {
           advance(db, 1ms);
           call.enter(phase::first_byte);
           advance(db, 2ms);
           call.enter(phase::fetch);
           advance(db, 4ms);
         });
       },
       "execute count=1 sum=0.001, fetch count=1 sum=0.004, first_byte count=1 sum=0.002"},
      {[&](phased_backend& db) {
         db.call([&](operation& call) {
           advance(db, 6ms);
           call.fail(outcome::error("5", "5"));
         });
       },
       "execute count=1 sum=0.006"},
      {[&](phased_backend& db) {
         db.call([&](operation& call) {
           advance(db, 6ms);
           call.fail(outcome::error("5", "5"));
           call.was(phase::lock_wait);
         });
       },
       "lock_wait count=1 sum=0.006"},
  };
  for (const example& single : examples) {
    CAPTURE(single.expected);
    phased_backend db;
    single.calls(db);
    CHECK(db.phase_sums() == single.expected);
  }
  phased_backend all;
  for (const example& single : examples) single.calls(all);
  CHECK(all.phase_sums() ==
        "commit count=1 sum=0.004, execute count=4 sum=0.02, fetch count=1 sum=0.004, "
        "first_byte count=1 sum=0.002, lock_wait count=3 sum=0.031");
  CHECK_THAT(all.durations(), Catch::Contains("error.type=5 count=2 sum=0.012 ") &&
                                  Catch::Contains("db.query.summary=select t count=5 sum=0.049 "));
  const auto table = statement_table(all.telemetry.recorder().collect());
  REQUIRE(table.size() == 1);
  CHECK(table[0].calls == 7);
  CHECK(table[0].errors == 2);
}

TEST_CASE("phases are exact at each collection, and of all statements together", "[phases]") {
  phased_backend db;
  std::uint64_t calls = 0;
  for (int round = 1; round <= 5; ++round) {
    for (int i = 0; i < 10 * round; ++i) {
      db.plain_call(1ms, "select c" + std::to_string(i) + " from t");
      ++calls;
    }
    const std::string expected = "execute count=" + std::to_string(calls) + ' ';
    CHECK_THAT(db.phase_sums() + ' ', Catch::StartsWith(expected));
    CHECK_THAT(db.phase_sums() + ' ', Catch::StartsWith(expected));  // nothing new, nothing lost
  }
}

TEST_CASE("a phase's total never falls, whatever becomes of the statements in it", "[phases]") {
  phased_backend db{{.retire_idle_after = 10s}};
  for (int round = 1; round <= 6; ++round) {
    for (int i = 0; i < 20; ++i) {
      db.plain_call(1ms, "select c" + std::to_string(i) + " from t" + std::to_string(round));
    }
    db.call([&](operation& call) {
      db.telemetry.time().advance(3ms);
      call.spent(phase::lock_wait, 2ms);
    });
    CHECK_THAT(db.phase_sums(),
               Catch::StartsWith("execute count=" + std::to_string(21 * round) + ' '));
    for (int i = 0; i < 8; ++i) {
      db.telemetry.time().advance(6s);
      static_cast<void>(db.telemetry.recorder().collect());
    }
    CHECK_THAT(db.phase_sums(),
               Catch::StartsWith("execute count=" + std::to_string(21 * round) + ' ') &&
                   Catch::Contains("lock_wait count=" + std::to_string(round) + ' '));
  }
}

TEST_CASE("past the series limit phases are counted all the same", "[phases]") {
  phased_backend db{{.series_limit = 5}};
  for (int i = 0; i < 50; ++i) {
    const std::string sql = "select c" + std::to_string(i) + " from t";
    db.plain_call(1ms, sql);
    db.call(
        [&](operation& call) {
          db.telemetry.time().advance(3ms);
          call.spent(phase::lock_wait, 2ms);
          if (i % 2 == 0) call.fail(outcome::error("5"));
        },
        phase::execute, sql);
    db.call([&](operation&) { db.telemetry.time().advance(1ms); }, phase::commit, sql);
    db.call([&](operation& call) { call.fail(outcome::error("7")); }, phase::execute, sql);
  }
  std::map<std::string, std::uint64_t> counts;
  const snapshot snapshot = db.telemetry.recorder().collect();
  for (const point& p : snapshot.find(catalog::phase_duration.name)) {
    if (const attribute_value* name = p.series->labels.find("querytap.phase"))
      counts[to_string(*name)] += p.histogram->count();
  }
  // Of a statement that has a series, a call in other phases that has none left counts as `execute`.
  CHECK(counts["execute"] + counts["commit"] >= 200);
  CHECK(counts["commit"] >= 45);
  CHECK(counts["lock_wait"] >= 45);
  std::uint64_t calls = 0;
  for (const point& p : snapshot.find(catalog::operation_duration.name)) {
    calls += p.histogram->count();
  }
  CHECK(calls == 200);
}

TEST_CASE("phases of many threads at once are counted once each", "[phases]") {
  phased_backend db;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        operation call{db.documents.statement_for("select c" + std::to_string(i % 50) + " from t")};
        if (i % 5 == 0) call.was(phase::lock_wait);
        if (i % 10 == 0) call.fail(outcome::error("5"));
      }
    });
  }
  const auto count_phases = [&] {
    std::uint64_t count = 0;
    for (const point& p : db.telemetry.recorder().collect().find(catalog::phase_duration.name)) {
      count += p.histogram->count();
    }
    return count;
  };
  std::uint64_t last = 0;
  for (int i = 0; i < 50; ++i) {
    const std::uint64_t seen = count_phases();
    CHECK(seen >= last);
    last = seen;
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(count_phases() == 4 * 500);
}
