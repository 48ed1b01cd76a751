// An operation records truly how long a call took and how it ended, and does not disturb the call.

#include <querytap/base/error.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

struct sqlite_backend {
  capture telemetry;
  backend documents{telemetry.recorder(),
                    {.system = "sqlite", .database = "chat.db", .dialect = dialect::sqlite}};

  const statement& select() {
    return documents.statement_for("select * from documents where id = 1");
  }
  std::string durations() { return telemetry.text("db.client.operation.duration"); }
};

}  // namespace

TEST_CASE("a call is counted once, with its duration, under its summary") {
  sqlite_backend db;
  {
    operation call{db.select()};
    db.telemetry.time().advance(30ms);
    call.finish();
    db.telemetry.time().advance(1s);
    call.finish();
  }
  CHECK(db.durations() ==
        "db.namespace=chat.db db.query.summary=select documents db.system.name=sqlite "
        "count=1 sum=0.03 (0.0287,0.0312]=1");
}

TEST_CASE("a call that is not finished ends with its scope") {
  sqlite_backend db;
  {
    operation call{db.select()};
    db.telemetry.time().advance(2ms);
  }
  CHECK_THAT(db.durations(), Catch::Contains("count=1 sum=0.002"));
}

TEST_CASE("a call that throws is counted as an error and the exception goes on") {
  sqlite_backend db;
  const auto lose_connection = [&] {
    operation call{db.select()};
    db.telemetry.time().advance(30ms);
    throw std::runtime_error{"lost"};
  };
  REQUIRE_THROWS_WITH(lose_connection(), "lost");
  CHECK_THAT(db.durations(), Catch::Contains("error.type=_OTHER count=1 sum=0.03"));
}

TEST_CASE("a call made while another exception is under way is not an error") {
  sqlite_backend db;
  struct cleans_up {
    sqlite_backend& db;
    ~cleans_up() { operation call{db.select()}; }
  };
  try {
    const cleans_up at_exit{db};
    throw std::runtime_error{"elsewhere"};
  } catch (const std::runtime_error&) {
  }
  CHECK_THAT(db.durations(), !Catch::Contains("error.type"));
}

TEST_CASE("a failure is recorded by its type and the code of the server") {
  sqlite_backend db;
  for (int i = 0; i < 3; ++i) {
    operation call{db.select()};
    call.fail(outcome::error("19", "2067"));
    call.rows(5);
  }
  CHECK_THAT(db.durations(), Catch::Contains("db.response.status_code=2067") &&
                                 Catch::Contains("error.type=19 count=3"));
  CHECK(db.telemetry.text("db.client.response.returned_rows").empty());
}

TEST_CASE("returned rows are recorded with the call, none as well as many") {
  sqlite_backend db;
  for (const std::uint64_t rows : {0U, 7U}) {
    operation call{db.select()};
    call.rows(rows);
  }
  CHECK_THAT(db.telemetry.text("db.client.response.returned_rows"),
             Catch::Contains("count=2 sum=7 (0,0]=1 (6,7]=1"));
}

TEST_CASE("only a statement that returns rows has a histogram of them, a read from its beginning") {
  sqlite_backend db;
  const auto series = [&] {
    std::string summaries;
    for (const point& p :
         db.telemetry.recorder().collect().find("db.client.response.returned_rows")) {
      summaries += to_string(*p.series->labels.find("db.query.summary")) + ' ' +
                   std::to_string(p.histogram->sum()) + '\n';
    }
    return summaries;
  };
  const auto call = [&](std::string_view sql, std::optional<std::uint64_t> rows) {
    operation timed{db.documents.statement_for(sql)};
    if (rows) timed.rows(*rows);
  };
  for (const char* without :
       {"insert into documents values (1)", "update documents set a = 1", "begin", "commit",
        "create table x(a)", "pragma optimize", "savepoint a"}) {
    call(without, std::nullopt);
  }
  CHECK(series() == "");
  call("select * from documents", std::nullopt);
  CHECK(series() == "select documents 0\n");
  call("insert into documents values (1) returning id", 3);
  call("insert into documents values (2) returning id", 4);
  CHECK_THAT(series(), Catch::Contains("select documents 0\n") && Catch::Contains(" 7\n"));
}

TEST_CASE("rows of a statement that were not expected are counted by all threads in one series") {
  sqlite_backend db;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) {
        operation call{db.documents.statement_for("delete from documents returning id")};
        call.rows(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_THAT(db.telemetry.text("db.client.response.returned_rows"), Catch::Contains("count=400 "));
}

TEST_CASE(
    "durations in the process have bounds below a millisecond, those over a network have not") {
  capture telemetry;
  const auto bounds_of = [&](std::string_view instrument, std::string_view system) {
    for (const point& p : telemetry.recorder().collect().find(instrument)) {
      const attribute_value* const found = p.series->labels.find("db.system.name");
      const auto bounds = p.histogram->layout().bounds();
      if (found != nullptr && to_string(*found) == system)
        return std::vector<double>(bounds.begin(), bounds.end());
    }
    return std::vector<double>{};
  };
  for (const char* const system : {"sqlite", "postgresql"}) {
    const request chat{telemetry.recorder(), "POST /chat"};
    const backend documents{telemetry.recorder(), {.system = system}};
    operation call{documents.statement_for("select 1")};
    call.fail(outcome::error("5"));
    call.finish();
    documents.record_phase("validate", 1us);
  }
  for (const char* const instrument :
       {"db.client.operation.duration", "querytap.operation.phase.duration",
        "querytap.request.backend.duration"}) {
    CAPTURE(instrument);
    CHECK(bounds_of(instrument, "sqlite") == std::vector{0.000001, 0.000005, 0.00001, 0.00005,
                                                         0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05,
                                                         0.1, 0.5, 1.0, 5.0, 10.0});
    CHECK(bounds_of(instrument, "postgresql") ==
          std::vector{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0});
  }
}

TEST_CASE("a call may be finished by another thread than the one that began it") {
  sqlite_backend db;
  operation call{db.select()};
  db.telemetry.time().advance(5ms);
  std::thread{[moved = std::move(call)]() mutable { moved.finish(); }}.join();
  CHECK_THAT(db.durations(), Catch::Contains("count=1 sum=0.005"));
}

TEST_CASE("a slow call is counted as slow") {
  sqlite_backend db;
  for (const auto duration : {99ms, 100ms, 101ms}) {
    operation call{db.select()};
    db.telemetry.time().advance(duration);
  }
  CHECK(db.telemetry.text("querytap.operation.slow") ==
        "db.query.summary=select documents db.system.name=sqlite value=1");
}

TEST_CASE("statements that differ in literals alone are the same, others are not") {
  sqlite_backend db;
  const statement& first = db.documents.statement_for("select * from documents where id = 1");
  CHECK(&first == &db.documents.statement_for("SELECT * FROM documents WHERE id = 2"));
  CHECK(&first == &db.documents.statement_for("select * from documents where id = 1"));
  CHECK(&first != &db.documents.statement_for("select * from passages where id = 1"));
}

TEST_CASE("backends with equal options share their statements, others do not") {
  sqlite_backend db;
  const backend same{db.telemetry.recorder(),
                     {.system = "sqlite", .database = "chat.db", .dialect = dialect::sqlite}};
  const backend other{db.telemetry.recorder(),
                      {.system = "sqlite", .database = "b.db", .dialect = dialect::sqlite}};
  CHECK(&db.select() == &same.statement_for("select * from documents where id = 1"));
  CHECK(&db.select() != &other.statement_for("select * from documents where id = 1"));
}

TEST_CASE("past the series limit calls are still counted, under one statement for all others") {
  capture telemetry{{.series_limit = 10}};
  const backend documents{telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
  for (int i = 0; i < 1'000; ++i) {
    operation call{documents.statement_for("select c" + std::to_string(i) + " from t")};
  }
  std::uint64_t calls = 0;
  const auto points = telemetry.recorder().collect().find("db.client.operation.duration");
  for (const point& p : points) calls += p.histogram->count();
  CHECK(calls == 1'000);
  CHECK(points.size() == 11);
}

TEST_CASE("threads that meet the same statements at once agree on them") {
  sqlite_backend db;
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 8; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        operation call{db.documents.statement_for("select c" + std::to_string(i % 50) + " from t")};
        if (i % 5 == 0) call.fail(outcome::error("5"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::uint64_t calls = 0;
  const auto points = db.telemetry.recorder().collect().find("db.client.operation.duration");
  for (const point& p : points) calls += p.histogram->count();
  CHECK(calls == 8 * 500);
}

TEST_CASE("a phase is recorded by its name") {
  sqlite_backend db;
  db.documents.record_phase("connect", 3ms);
  CHECK_THAT(db.telemetry.text("querytap.operation.phase.duration"),
             Catch::StartsWith("db.system.name=sqlite querytap.phase=connect count=1 sum=0.003"));
}

TEST_CASE("options that cannot be used are refused by name") {
  capture telemetry;
  CHECK_THROWS_AS(backend(telemetry.recorder(), {}), configuration_error);
  CHECK_THROWS_WITH(backend(telemetry.recorder(), {.system = "sqlite", .slow_threshold = 0ns}),
                    "querytap: option 'slow_threshold' = '0 ns': expected a positive time");
}
