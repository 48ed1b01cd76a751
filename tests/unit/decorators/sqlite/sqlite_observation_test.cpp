// A connection that another library owns is measured as it is: the user's statements once each, with
// their rows, ends and times, and nothing of the connection changes.

#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/testing/capture.hpp>
#include <support/child_process.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::lines_up_to;
using querytap::testing::temporary_folder;
using querytap::testing::without;

/// A plain connection to a file, of which another one may hold the lock.
struct plain_database {
  plain_database() {
    // What a step takes is the manual clock's time.
    sqlite3_create_function(
        db, "work", 1, SQLITE_UTF8, &telemetry.time(),
        [](sqlite3_context* context, int, sqlite3_value** arguments) {
          auto* const time = static_cast<manual_clock*>(sqlite3_user_data(context));
          time->advance(std::chrono::milliseconds{sqlite3_value_int64(arguments[0])});
          sqlite3_result_value(context, arguments[0]);
        },
        nullptr, nullptr);
    exec("create table t(a unique, b)");
  }
  ~plain_database() {
    sqlite3_close(db);
    sqlite3_close(other);
  }
  plain_database(const plain_database&) = delete;
  plain_database& operator=(const plain_database&) = delete;

  int exec(const char* sql) const { return sqlite3_exec(db, sql, nullptr, nullptr, nullptr); }
  int exec_other(const char* sql) const {
    return sqlite3_exec(other, sql, nullptr, nullptr, nullptr);
  }
  [[nodiscard]] sqlite3_stmt* prepare(const char* sql) const {
    sqlite3_stmt* made = nullptr;
    REQUIRE(sqlite3_prepare_v2(db, sql, -1, &made, nullptr) == SQLITE_OK);
    return made;
  }
  std::string durations() { return metric("db.client.operation.duration"); }
  std::string rows() { return metric("db.client.response.returned_rows"); }
  std::string calls() { return lines_up_to(" sum=", durations()); }

  const temporary_folder folder;
  capture telemetry;
  sqlite3* db = opened();
  sqlite3* other = opened();

 private:
  [[nodiscard]] sqlite3* opened() const {
    sqlite3* handle = nullptr;
    const std::string file = folder.path() / "plain.db";
    REQUIRE(sqlite3_open(file.c_str(), &handle) == SQLITE_OK);
    return handle;
  }
  std::string metric(std::string_view name) {
    std::string text = without(telemetry.text(name), "db.system.name=sqlite ");
    text = without(text, "db.namespace=plain.db ");
    return without(text, "db.query.summary=");
  }
};

}  // namespace

TEST_CASE_METHOD(plain_database, "an observed statement lasts from its first step to its end",
                 "[sqlite]") {
  const auto watched = sqlite::observe(telemetry.recorder(), db);
  CHECK(watched.is_active());
  sqlite3_stmt* const numbers =
      prepare("with n(i) as (values (1), (2), (3)) select work(10 * i) from n");
  telemetry.time().advance(1s);  // between prepare and execution
  while (sqlite3_step(numbers) == SQLITE_ROW) telemetry.time().advance(1ms);
  telemetry.time().advance(1s);
  sqlite3_step(numbers);  // once more, and left early
  sqlite3_reset(numbers);
  sqlite3_step(numbers);
  sqlite3_finalize(numbers);
  CHECK(durations() == "select n count=3 sum=0.083 (0.00929,0.01]=2 (0.0625,0.0671]=1");
  CHECK(rows() == "select n count=3 sum=5 (0,1]=2 (2,3]=1");
}

TEST_CASE_METHOD(plain_database, "observed statements may run side by side", "[sqlite]") {
  const auto watched = sqlite::observe(telemetry.recorder(), db);
  constexpr auto sql = "with n(i) as (values (1), (2), (3)) select i from n";
  std::vector<sqlite3_stmt*> open;
  for (int i = 0; i < 20; ++i) open.push_back(prepare(sql));
  for (int row = 0; row < 4; ++row) {
    for (sqlite3_stmt* numbers : open) sqlite3_step(numbers);
  }
  for (sqlite3_stmt* numbers : open) sqlite3_finalize(numbers);
  CHECK(calls() == "select n count=20");
  CHECK(rows() == "select n count=20 sum=60 (2,3]=20");
}

TEST_CASE_METHOD(plain_database,
                 "statements of triggers, virtual tables and functions are parts of the user's",
                 "[sqlite]") {
  exec(
      "create table log(a); create trigger remember after insert on t begin"
      "  insert into log values (new.a); end;");
  sqlite3_create_function(
      db, "nested", 0, SQLITE_UTF8, nullptr,
      [](sqlite3_context* context, int, sqlite3_value**) {
        sqlite3_exec(sqlite3_context_db_handle(context), "select 1", nullptr, nullptr, nullptr);
        sqlite3_result_null(context);
      },
      nullptr, nullptr);
  const auto watched = sqlite::observe(telemetry.recorder(), db);
  CHECK(exec("insert into t values (1, 2), (3, 4)") == SQLITE_OK);
  CHECK(exec("create virtual table texts using fts5(body)") == SQLITE_OK);
  CHECK(exec("insert into texts values ('canary')") == SQLITE_OK);
  CHECK(exec("select * from texts where texts match 'canary'") == SQLITE_OK);
  CHECK(exec("select nested()") == SQLITE_OK);
  CHECK(exec("-- a comment first\n select 1") == SQLITE_OK);
  CHECK(exec("explain select 1") == SQLITE_OK);
  CHECK(calls() ==
        "create table texts count=1\n"
        "insert t count=1\n"
        "insert texts count=1\n"
        "select count=2\n"
        "select texts count=1");
}

TEST_CASE_METHOD(plain_database, "a statement that waits in vain for a lock has failed",
                 "[sqlite]") {
  const auto watched = sqlite::observe(telemetry.recorder(), db);
  exec_other("begin exclusive");
  CHECK(exec("insert into t values (1, 1)") == SQLITE_BUSY);
  exec_other("rollback");
  CHECK(exec("insert into t values (1, 1)") == SQLITE_OK);
  CHECK(calls() == "insert t db.response.status_code=5 error.type=5 count=1\ninsert t count=1");
  const auto report = *telemetry.recorder().collect().call_reports.front();
  CHECK(report.reason == report_reason::timeout);
  CHECK(report.phases[phase::lock_wait] == report.duration);
}

TEST_CASE_METHOD(plain_database, "with SQLite's error log, observed statements fail with its codes",
                 "[sqlite]") {
  sqlite3_close(db);
  sqlite3_close(other);
  REQUIRE(sqlite3_shutdown() == SQLITE_OK);
  REQUIRE(sqlite3_config(SQLITE_CONFIG_LOG, sqlite::error_log, nullptr) == SQLITE_OK);
  REQUIRE(sqlite3_open((folder.path() / "plain.db").c_str(), &db) == SQLITE_OK);
  other = nullptr;
  {
    const auto watched = sqlite::observe(telemetry.recorder(), db);
    CHECK(exec("insert into t values ('secret', 1)") == SQLITE_OK);
    CHECK(exec("insert into t values ('secret', 1)") == SQLITE_CONSTRAINT);
    CHECK(exec("select abs(-9223372036854775807 - 1)") == SQLITE_ERROR);
    CHECK(exec("select 2 from t") == SQLITE_OK);
    CHECK(exec("insert or ignore into t values ('secret', 1)") == SQLITE_OK);
    CHECK(calls() ==
          "insert t db.response.status_code=2067 error.type=2067 count=1\n"
          "insert t count=2\n"
          "select db.response.status_code=1 error.type=1 count=1\n"
          "select t count=1");
  }
  sqlite3_close(db);
  db = nullptr;
  REQUIRE(sqlite3_shutdown() == SQLITE_OK);
  REQUIRE(sqlite3_config(SQLITE_CONFIG_LOG, nullptr, nullptr) == SQLITE_OK);
}

TEST_CASE_METHOD(plain_database, "a statement that is compiled anew is one call with its rows",
                 "[sqlite]") {
  exec("insert into t values (1, 1), (2, 2)");
  const auto watched = sqlite::observe(telemetry.recorder(), db);
  sqlite3_stmt* const all = prepare("select * from t");
  exec_other("create table u(x)");
  while (sqlite3_step(all) == SQLITE_ROW) {
  }
  CHECK(calls() == "select t count=1");
  CHECK(rows() == "select t count=1 sum=2 (1,2]=1");
  CHECK(telemetry.text("querytap.sqlite.reprepares") == "db.system.name=sqlite value=1");

  exec_other("drop table t");
  CHECK(sqlite3_step(all) == SQLITE_ERROR);
  sqlite3_reset(all);
  exec("select 1");
  CHECK(calls() ==
        "select count=1\n"
        "select t db.response.status_code=17 error.type=17 count=1\n"
        "select t count=1");
  sqlite3_finalize(all);
}

TEST_CASE_METHOD(plain_database, "the report of an observed call says what it cost", "[sqlite]") {
  exec(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 100)"
      "  insert into t select i, i from n");
  const auto watched = sqlite::observe(telemetry.recorder(), db, {.slow_threshold = 1ms});
  exec("select work(2), b from t where b = 'secret' or a = 7 order by b");
  const auto report = *telemetry.recorder().collect().call_reports.front();
  CHECK(report.reason == report_reason::slow);
  CHECK(report.full_scan_steps == 99);
  CHECK(report.sorts == 1);
  CHECK(report.rows == 1);
  CHECK(report.database_file != 0);
  CHECK(report.statement->text == "select work(?), b from t where b = ? or a = ? order by b");
  CHECK(telemetry.text("querytap.sqlite.sorts") == "db.system.name=sqlite value=1");
}

TEST_CASE_METHOD(plain_database, "what runs while an observation begins or ends is left alone",
                 "[sqlite]") {
  exec("insert into t values (1, 1), (2, 2)");
  sqlite3_stmt* const before = prepare("select a from t");
  sqlite3_step(before);
  std::optional watched{sqlite::observe(telemetry.recorder(), db, {.counts_rows = false})};
  sqlite3_step(before);
  sqlite3_reset(before);
  sqlite3_step(before);
  watched.reset();  // in the middle of its rows
  CHECK(sqlite3_step(before) == SQLITE_ROW);
  CHECK(sqlite3_step(before) == SQLITE_DONE);
  sqlite3_finalize(before);
  exec("select b from t");
  CHECK(calls() == "select t count=1");
}

TEST_CASE_METHOD(plain_database, "an observation ends with its connection, also if that stays open",
                 "[sqlite]") {
  std::optional watched{sqlite::observe(telemetry.recorder(), db)};
  SECTION("closed") {
    exec("select 1");
    CHECK(sqlite3_close(db) == SQLITE_OK);
    db = nullptr;
  }
  SECTION("refused, since a statement is left") {
    sqlite3_stmt* const left = prepare("select 1");
    sqlite3_step(left);
    CHECK(sqlite3_close(db) == SQLITE_BUSY);
    exec("select 2");
    sqlite3_finalize(left);
  }
  SECTION("closed once its last statement is gone") {
    sqlite3_stmt* const left = prepare("select 1");
    sqlite3_step(left);
    CHECK(sqlite3_close_v2(db) == SQLITE_OK);
    CHECK(sqlite3_step(left) == SQLITE_DONE);
    sqlite3_finalize(left);
    db = nullptr;
  }
  CHECK_FALSE(watched->is_active());
  CHECK(calls() == "select count=1");
  watched.reset();
}

TEST_CASE_METHOD(plain_database, "the application's own trace callback is called as before",
                 "[sqlite]") {
  static std::vector<unsigned> events;
  events.clear();
  int context = 0;
  const auto own = [](unsigned event, void* counter, void*, void*) {
    ++*static_cast<int*>(counter);
    events.push_back(event);
    return 0;
  };
  {
    const auto watched =
        sqlite::observe(telemetry.recorder(), db,
                        {.next_mask = SQLITE_TRACE_STMT, .next = own, .next_context = &context});
    exec("insert into t values (1, 1)");
    exec("select * from t");
    CHECK(events == std::vector<unsigned>{SQLITE_TRACE_STMT, SQLITE_TRACE_STMT});
    CHECK(context == 2);
    events.clear();
  }
  events.clear();
  exec("select 1");
  CHECK(events == std::vector<unsigned>{SQLITE_TRACE_STMT});
  CHECK(calls() == "insert t count=1\nselect t count=1");
}

TEST_CASE_METHOD(plain_database, "a callback that the application sets later is not taken away",
                 "[sqlite]") {
  static int called = 0;
  called = 0;
  {
    const auto watched = sqlite::observe(telemetry.recorder(), db);
    exec("select 1");
    sqlite3_trace_v2(
        db, SQLITE_TRACE_STMT,
        [](unsigned, void*, void*, void*) {
          ++called;
          return 0;
        },
        nullptr);
    exec("select 2");
    CHECK(called == 1);
  }
  called = 0;
  exec("select 3");
  CHECK(called == 1);
  CHECK(calls() == "select count=1");
}

TEST_CASE_METHOD(plain_database, "an observation can move, and one of nothing is refused",
                 "[sqlite]") {
  auto first = sqlite::observe(telemetry.recorder(), db);
  auto second = std::move(first);
  CHECK_FALSE(first.is_active());
  exec("select 1");
  second = sqlite::observe(telemetry.recorder(), other);
  exec("select 2");
  exec_other("select 3");
  CHECK(calls() == "select count=2");
  CHECK_THROWS_WITH(sqlite::observe(telemetry.recorder(), nullptr),
                    "sqlite: there is no connection to observe");
}

TEST_CASE_METHOD(plain_database, "no literal leaves by way of an observation", "[sqlite]") {
  recorder real{{.service_name = "test"}};
  {
    const auto watched = sqlite::observe(real, db, {.slow_threshold = std::chrono::nanoseconds{1}});
    exec("insert into t values ('canary', x'ca9a')");
    exec("select \"canary\", [canary2] from (select 1 as canary2) where 'canary' = \"canary\"");
    exec("select * from t where a in ('canary') -- canary");
  }
  const snapshot snapshot = real.collect();
  for (const auto& report : snapshot.call_reports) {
    CHECK_THAT(report->statement->text, !Catch::Contains("'canary") &&
                                            !Catch::Contains("\"canary\"") &&
                                            !Catch::Contains("ca9a"));
  }
  CHECK(snapshot.call_reports.size() == 3);
}

TEST_CASE_METHOD(plain_database, "threads may share an observed connection that SQLite locks",
                 "[sqlite]") {
  const auto watched = sqlite::observe(telemetry.recorder(), db);
  const auto work = [this] {
    for (int i = 0; i < 200; ++i) exec("select count(*) from t");
  };
  std::thread beside{work};
  work();
  beside.join();
  CHECK(calls() == "select t count=400");
}
