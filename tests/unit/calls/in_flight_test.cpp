// A call is visible while it runs, with its age, and no longer.

#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <deque>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

struct watched {
  capture telemetry;
  backend sqlite{telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};

  operation start(std::string_view sql) { return operation{sqlite.statement_for(sql)}; }

  std::string active() {
    std::string text;
    for (const active_call& call : telemetry.recorder().collect().active) {
      text += call.statement->text + ' ' + std::to_string(call.age / 1ms) + " ms\n";
    }
    return text;
  }
};

}  // namespace

TEST_CASE("a running call is shown with its age, the oldest first, until it ends") {
  watched db;
  operation first = db.start("select a from t");
  db.telemetry.time().advance(20ms);
  operation second = db.start("select b from t");
  db.telemetry.time().advance(10ms);
  CHECK(db.active() == "select a from t 30 ms\nselect b from t 10 ms\n");
  first.finish();
  CHECK(db.active() == "select b from t 10 ms\n");
  second.finish();
  CHECK(db.active().empty());
}

TEST_CASE("the number of active operations is exported by backend, and falls back to zero") {
  watched db;
  {
    operation call = db.start("select a from t");
    CHECK(db.telemetry.text("querytap.operation.active") == "db.system.name=sqlite value=1");
  }
  CHECK(db.telemetry.text("querytap.operation.active") == "db.system.name=sqlite value=0");
}

TEST_CASE("a call that moved to another thread is shown until it ends there") {
  watched db;
  operation call = db.start("select a from t");
  std::thread{[moved = std::move(call), &db]() mutable {
    CHECK(db.active() == "select a from t 0 ms\n");
    moved.finish();
  }}.join();
  CHECK(db.active().empty());
}

TEST_CASE(
    "more calls at once in one thread than there is room for are counted, and all are recorded") {
  watched db;
  {
    std::deque<operation> calls;
    for (int i = 0; i < 20; ++i) calls.push_back(db.start("select a from t"));
    CHECK(db.telemetry.recorder().collect().active.size() == 16);
  }
  CHECK_THAT(db.telemetry.text("querytap.dropped"),
             Catch::Contains("querytap.reason=in_flight_slots value=4"));
  CHECK_THAT(db.telemetry.text("db.client.operation.duration"), Catch::Contains("count=20"));
  operation again = db.start("select a from t");
  CHECK(db.telemetry.recorder().collect().active.size() == 1);
}

TEST_CASE("calls that begin and end while another thread looks are shown whole or not at all") {
  watched db;
  const statement& select = db.sqlite.statement_for("select a from t");
  std::atomic<bool> done{false};
  std::vector<std::thread> callers;
  for (int i = 0; i < 2; ++i) {
    callers.emplace_back([&] {
      while (!done.load(std::memory_order_relaxed)) operation call{select};
    });
  }
  bool whole = true;
  for (int i = 0; i < 2'000; ++i) {
    for (const active_call& call : db.telemetry.recorder().collect().active) {
      whole = whole && call.statement != nullptr && call.age == 0ns;
    }
  }
  done = true;
  for (std::thread& caller : callers) caller.join();
  CHECK(whole);
}
