// What is SQLite's alone: executions that step through their rows, scripts, values, result codes,
// files and locks. The promises of every client are in conformance_test.cpp.

#include <querytap/base/error.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/testing/capture.hpp>
#include <support/child_process.hpp>
#include <support/text.hpp>
#include <support/wait.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <thread>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::lines_up_to;
using querytap::testing::temporary_folder;
using querytap::testing::without;

/// A database in memory, where `select work(30)` takes 30 ms of the manual clock.
struct fixture {
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), ":memory:"};

  fixture() {
    const auto work = [](sqlite3_context* context, int, sqlite3_value** arguments) {
      auto* const time = static_cast<manual_clock*>(sqlite3_user_data(context));
      time->advance(std::chrono::milliseconds{sqlite3_value_int64(arguments[0])});
      sqlite3_result_value(context, arguments[0]);
    };
    sqlite3_create_function(db.native(), "work", 1, SQLITE_UTF8, &telemetry.time(), work, nullptr,
                            nullptr);
  }

  std::string durations() { return metric("db.client.operation.duration"); }
  std::string rows() { return metric("db.client.response.returned_rows"); }
  /// Which operations there were, how they ended and how often.
  std::string calls() { return lines_up_to(" sum=", durations()); }

 private:
  std::string metric(std::string_view name) {
    std::string text = without(telemetry.text(name), "db.system.name=sqlite ");
    text = without(text, "db.namespace=:memory: ");
    return without(text, "db.query.summary=");
  }
};

template <class Call>
int code_of(Call call) {
  try {
    call();
  } catch (const sqlite::error& error) {
    return error.code();
  }
  return SQLITE_OK;
}

constexpr auto three_rows = "with n(id) as (values (1), (2), (3)) select work(10 * id) from n";

}  // namespace

TEST_CASE_METHOD(fixture, "an execution lasts from its first step to the end of its rows",
                 "[sqlite]") {
  auto numbers = db.prepare(three_rows);
  telemetry.time().advance(1s);  // between prepare and execution
  while (numbers.step()) {
  }
  telemetry.time().advance(1s);  // and after it
  CHECK(durations() == "select n count=1 sum=0.06 (0.0573,0.0625]=1");
  CHECK(rows() == "select n count=1 sum=3 (2,3]=1");
}

TEST_CASE_METHOD(fixture, "each execution of a prepared statement is an operation of its own",
                 "[sqlite]") {
  auto work = db.prepare("select work(?)");
  CHECK(work.run(1) == 1);
  CHECK(work.run(2) == 1);
  work.bind(3);
  CHECK(work.step());
  CHECK_FALSE(work.step());
  CHECK(work.step());  // once more, as SQLite does
  work.reset();
  CHECK(durations() ==
        "select count=4 sum=0.009 (0.000977,0.001]=1 (0.00195,0.0021]=1 (0.00276,0.00301]=2");
}

TEST_CASE_METHOD(fixture, "an execution that is left early counts with the rows it had",
                 "[sqlite]") {
  SECTION("by reset") {
    auto numbers = db.prepare(three_rows);
    CHECK(numbers.step());
    CHECK(numbers.step());
    numbers.reset();
    numbers.reset();
  }
  SECTION("by binding anew") {
    auto numbers = db.prepare(three_rows);
    CHECK(numbers.step());
    CHECK(numbers.step());
    numbers.bind();
  }
  SECTION("by the end of the statement") {
    auto numbers = db.prepare(three_rows);
    CHECK(numbers.step());
    CHECK(numbers.step());
  }
  SECTION("by another statement taking its place") {
    auto numbers = db.prepare(three_rows);
    CHECK(numbers.step());
    CHECK(numbers.step());
    numbers = db.prepare("select 1");
  }
  SECTION("by an exception of the application, which is not an error of the database") {
    try {
      auto numbers = db.prepare(three_rows);
      CHECK(numbers.step());
      CHECK(numbers.step());
      throw std::runtime_error{"application"};
    } catch (const std::runtime_error&) {
    }
  }
  CHECK(durations() == "select n count=1 sum=0.03 (0.0287,0.0312]=1");
  CHECK(rows() == "select n count=1 sum=2 (1,2]=1");
}

TEST_CASE_METHOD(fixture, "an error in the middle of the rows is counted once, with its code",
                 "[sqlite]") {
  auto numbers = db.prepare(
      "with n(id) as (values (1), (2), (3)) "
      "select case id when 3 then abs(-9223372036854775807 - 1) else id end from n");
  CHECK(numbers.step());
  CHECK(numbers.step());
  CHECK_THROWS_WITH(numbers.step(), "sqlite: integer overflow (1)");
  CHECK(durations() == "select n db.response.status_code=1 error.type=1 count=1 sum=0 (0,0]=1");
  CHECK(rows() == "");
}

TEST_CASE_METHOD(fixture, "a violated constraint carries its extended code", "[sqlite]") {
  db.exec("create table t(a unique, b integer primary key, c check (c > 0), d not null)");
  auto insert = db.prepare("insert into t values (?, ?, ?, ?)");
  CHECK(insert.run("secret", 1, 1, 1) == 0);
  CHECK(code_of([&] { insert.run("secret", 2, 1, 1); }) == SQLITE_CONSTRAINT_UNIQUE);
  CHECK(code_of([&] { insert.run("b", 1, 1, 1); }) == SQLITE_CONSTRAINT_PRIMARYKEY);
  CHECK(code_of([&] { insert.run("c", 3, 0, 1); }) == SQLITE_CONSTRAINT_CHECK);
  CHECK(code_of([&] { insert.run("d", 4, 1, nullptr); }) == SQLITE_CONSTRAINT_NOTNULL);
  CHECK_THROWS_WITH(insert.run("secret", 5, 1, 1), "sqlite: UNIQUE constraint failed: t.a (2067)");
  CHECK(insert.run("e", 6, 1, 1) == 0);
  CHECK(calls() ==
        "create table t count=1\n"
        "insert t db.response.status_code=1299 error.type=1299 count=1\n"
        "insert t db.response.status_code=1555 error.type=1555 count=1\n"
        "insert t db.response.status_code=2067 error.type=2067 count=2\n"
        "insert t db.response.status_code=275 error.type=275 count=1\n"
        "insert t count=2");
}

TEST_CASE("an INSERT with rows left that cannot be committed when it is reset has failed",
          "[sqlite]") {
  const temporary_folder folder;
  const std::string file = folder.path() / "chat.db";
  capture telemetry;
  sqlite::connection mine{telemetry.recorder(), file, {.busy_timeout = 0ms}};
  sqlite::connection reader{telemetry.recorder(), file, {.busy_timeout = 0ms}};
  mine.exec("create table documents(id integer primary key)");
  mine.exec("insert into documents values (1), (2)");
  auto read = reader.prepare("select id from documents");
  auto insert = mine.prepare("insert into documents values (3), (4) returning id");

  REQUIRE(read.step());    // holds the file
  REQUIRE(insert.step());  // the change is not yet committed
  CHECK_THROWS_AS(insert.reset(), sqlite::error);
  CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains("error.type=5"));

  read.reset();
  CHECK(mine.prepare("select id from documents").run() == 2);
  REQUIRE(insert.step());
  CHECK_NOTHROW(insert.reset());
  CHECK(mine.prepare("select id from documents").run() == 4);
}

TEST_CASE("a lock held by another connection is an error until it is gone", "[sqlite]") {
  const temporary_folder folder;
  const std::string file = folder.path() / "documents.db";
  capture telemetry;
  sqlite::connection mine{telemetry.recorder(), file, {.busy_timeout = 0ms}};
  sqlite::connection other{telemetry.recorder(), file, {.busy_timeout = 0ms}};
  mine.exec("create table t(a)");

  std::optional<sqlite::transaction> writer{std::in_place, other,
                                            sqlite::transaction::locking::immediate};
  other.exec("insert into t values (1)");
  CHECK(code_of([&] { mine.exec("insert into t values (2)"); }) == SQLITE_BUSY);
  CHECK(code_of([&] {
          sqlite::transaction{mine, sqlite::transaction::locking::exclusive};
        }) == SQLITE_BUSY);
  {
    sqlite::transaction reader{mine};
    mine.exec("select * from t");
    CHECK(code_of([&] { writer->commit(); }) == SQLITE_BUSY);
    reader.commit();
  }
  writer->commit();
  mine.exec("insert into t values (2)");
  CHECK(mine.last_insert_rowid() == 2);
  const std::string calls = lines_up_to(" sum=", telemetry.text("db.client.operation.duration"));
  CHECK(without(calls, "db.namespace=documents.db ") ==
        "db.query.summary=BEGIN db.response.status_code=5 db.system.name=sqlite error.type=5 "
        "count=1\n"
        "db.query.summary=BEGIN db.system.name=sqlite count=2\n"
        "db.query.summary=COMMIT db.response.status_code=5 db.system.name=sqlite error.type=5 "
        "count=1\n"
        "db.query.summary=COMMIT db.system.name=sqlite count=2\n"
        "db.query.summary=create table t db.system.name=sqlite count=1\n"
        "db.query.summary=insert t db.response.status_code=5 db.system.name=sqlite error.type=5 "
        "count=1\n"
        "db.query.summary=insert t db.system.name=sqlite count=2\n"
        "db.query.summary=select t db.system.name=sqlite count=1");
}

TEST_CASE_METHOD(fixture, "a transaction that is not committed is rolled back", "[sqlite]") {
  db.exec("create table t(a)");
  {
    sqlite::transaction committed{db};
    db.exec("insert into t values (1)");
    CHECK(db.changes() == 1);
    committed.commit();
  }
  const auto fail_half_way = [&] {
    sqlite::transaction lost{db, sqlite::transaction::locking::immediate};
    db.exec("insert into t values (2)");
    db.exec("insert into nowhere values (3)");
  };
  CHECK_THROWS_AS(fail_half_way(), sqlite::error);
  auto count = db.prepare("select count(*) from t");
  REQUIRE(count.step());
  CHECK(count.column<int>(0) == 1);
  CHECK(calls() ==
        "BEGIN count=2\n"
        "COMMIT count=1\n"
        "ROLLBACK count=1\n"
        "create table t count=1\n"
        "insert nowhere db.response.status_code=1 error.type=1 count=1\n"
        "insert t count=2");
}

TEST_CASE_METHOD(fixture, "a transaction that SQLite has already rolled back is left alone",
                 "[sqlite]") {
  db.exec("create table t(a primary key); insert into t values (1)");
  sqlite::transaction ended{db};
  CHECK_THROWS_AS(db.exec("insert or rollback into t values (1)"), sqlite::error);
  CHECK_THROWS_WITH(ended.commit(), Catch::Contains("no transaction is active"));
}

TEST_CASE_METHOD(fixture, "a script is executed and counted statement by statement", "[sqlite]") {
  db.exec(R"(
      ;; -- first the table
      create table t(a);
      insert into t values (1), (2);
      select * from t; select * from t /* and no more */)");
  CHECK(code_of([&] { db.exec("insert into t values (3); selec 4; insert into t values (5)"); }) ==
        SQLITE_ERROR);
  CHECK(calls() ==
        "create table t count=1\n"
        "insert t count=2\n"
        "select t count=2\n"
        "db.response.status_code=1 error.type=1 count=1");
  CHECK(rows() == "select t count=2 sum=4 (1,2]=2");
  CHECK_NOTHROW(db.exec(""));
  CHECK_NOTHROW(db.exec(" -- nothing"));
}

TEST_CASE_METHOD(fixture, "text that does not compile is a failed operation", "[sqlite]") {
  const auto prepare = [&](std::string_view sql) { (void)db.prepare(sql); };
  CHECK_THROWS_WITH(prepare("select a from missing"), "sqlite: no such table: missing (1)");
  CHECK_THROWS_WITH(prepare("select 'canary' frm t"), "sqlite: near \"t\": syntax error (1)");
  CHECK(code_of([&] { prepare(""); }) == SQLITE_MISUSE);
  CHECK(code_of([&] { prepare(" -- nothing"); }) == SQLITE_MISUSE);
  CHECK_THROWS_WITH(prepare("select 1; select 2"), Catch::Contains("more than one statement"));
  CHECK_THROWS_WITH(prepare(std::string_view{"select 1\0; drop table t", 23}),
                    Catch::Contains("NUL byte in the SQL text at 8"));
  CHECK_THROWS_WITH(db.exec(std::string_view{"select 1\0; drop table t", 23}),
                    Catch::Contains("NUL byte in the SQL text at 8"));
  CHECK_NOTHROW(prepare("select 1 ; -- the end"));
  CHECK(calls() ==
        "select db.response.status_code=1 error.type=1 count=1\n"
        "select drop table t db.response.status_code=21 error.type=21 count=2\n"
        "select missing db.response.status_code=1 error.type=1 count=1\n"
        "select select db.response.status_code=21 error.type=21 count=1\n"
        "db.response.status_code=21 error.type=21 count=2");
}

TEST_CASE_METHOD(fixture, "values arrive as they were bound", "[sqlite]") {
  const std::array bytes{std::byte{0}, std::byte{255}};
  const std::string with_nul{"a\0b", 3};
  auto echo = db.prepare("select ?, ?, ?, ?, ?, ?, ?, ?, ?, ?");
  echo.bind(std::numeric_limits<std::int64_t>::min(), true, 1.5, "text", with_nul,
            std::span<const std::byte>{bytes}, nullptr, std::optional<int>{}, std::optional{7},
            std::string_view{});
  REQUIRE(echo.step());
  CHECK(echo.column<std::int64_t>(0) == std::numeric_limits<std::int64_t>::min());
  CHECK(echo.column<bool>(1));
  CHECK(echo.column<double>(2) == 1.5);
  CHECK(echo.column<std::string>(3) == "text");
  CHECK(echo.column<std::string_view>(4) == with_nul);
  CHECK(echo.column<std::vector<std::byte>>(5) == std::vector(bytes.begin(), bytes.end()));
  CHECK(std::ranges::equal(echo.column<std::span<const std::byte>>(5), bytes));
  CHECK(echo.column<std::optional<int>>(6) == std::nullopt);
  CHECK(echo.column<std::optional<std::string>>(7) == std::nullopt);
  CHECK(echo.column<std::optional<int>>(8) == 7);
  CHECK(echo.column<std::optional<std::string>>(9) == "");
  CHECK(echo.column<std::string>(2) == "1.5");
  CHECK(echo.column<int>(6) == 0);
}

TEST_CASE_METHOD(fixture, "values are bound by their order, also a text that reads like a name",
                 "[sqlite]") {
  using namespace std::string_view_literals;
  auto echo = db.prepare("select :a, :b");
  const auto bound = [&] {
    REQUIRE(echo.step());
    return echo.column<std::string>(0) + ' ' + echo.column<std::string>(1);
  };
  CHECK((echo.bind("a", ":b"), bound()) == "a :b");
  CHECK((echo.bind(":-)", 2), bound()) == ":-) 2");
  CHECK((echo.bind(":b"sv, 2), bound()) == ":b 2");
  char text[] = ":b";
  CHECK((echo.bind(text, 2), bound()) == ":b 2");
  const char* const pointer = ":b";
  CHECK((echo.bind(pointer, 2), bound()) == ":b 2");
  auto alone = db.prepare("select ?");
  alone.bind(":a");
  REQUIRE(alone.step());
  CHECK(alone.column<std::string>(0) == ":a");
  CHECK(alone.run(":a") == 1);
  CHECK(echo.run("a", nullptr) == 1);
  static_assert(sqlite::detail::is_parameter_name(":name"));
  static_assert(sqlite::detail::is_parameter_name("@n"));
  static_assert(sqlite::detail::is_parameter_name("$_"));
  static_assert(sqlite::detail::is_parameter_name("?12"));
  static_assert(!sqlite::detail::is_parameter_name("?"));
  static_assert(!sqlite::detail::is_parameter_name("?a"));
  static_assert(!sqlite::detail::is_parameter_name("::"));
  static_assert(!sqlite::detail::is_parameter_name("name"));
  static_assert(!sqlite::detail::is_parameter_name(""));
}

TEST_CASE_METHOD(fixture, "values that do not fit are refused, and are no operations", "[sqlite]") {
  auto add = db.prepare("select ? + ?");
  CHECK_THROWS_WITH(add.bind(1), "querytap: the statement takes 2 values, not 1");
  CHECK_THROWS_WITH(add.run(1, 2, 3), "querytap: the statement takes 2 values, not 3");
  CHECK_THROWS_WITH(add.bind(1, std::numeric_limits<std::uint64_t>::max()),
                    "querytap: the integer at 2 does not fit");
  CHECK_THROWS_WITH(add.column<int>(0), "querytap: there is no row to read a column of");
  CHECK(durations() == "");

  add.bind(std::numeric_limits<int>::max(), 1);
  REQUIRE(add.step());
  CHECK_THROWS_WITH(add.column<int>(0), "querytap: the integer at 0 does not fit");
  CHECK(add.column<std::int64_t>(0) == std::int64_t{1} << 31);
  CHECK_THROWS_WITH(add.column<int>(1), "querytap: no column 1 in a row of 1");
  CHECK_THROWS_WITH(add.column<int>(-1), "querytap: no column -1 in a row of 1");

  add.bind(-1, 0);
  REQUIRE(add.step());
  CHECK_THROWS_AS(add.column<std::uint64_t>(0), std::out_of_range);
  CHECK_THROWS_AS(add.column<unsigned char>(0), std::out_of_range);
}

TEST_CASE_METHOD(fixture, "connections and statements can move, in the middle of their rows too",
                 "[sqlite]") {
  auto numbers = db.prepare(three_rows);
  CHECK(numbers.step());
  sqlite::connection elsewhere = std::move(db);
  sqlite::statement moved = std::move(numbers);
  CHECK(moved.step());
  CHECK(moved.column<int>(0) == 20);
  CHECK(moved.step());
  CHECK_FALSE(moved.step());
  elsewhere.exec("select 1");
  CHECK(calls() ==
        "select count=1\n"
        "select n count=1");
}

TEST_CASE("a database is known by its file's name, never by its folder", "[sqlite]") {
  const temporary_folder folder;
  capture telemetry;
  sqlite::connection{telemetry.recorder(), folder.path() / "documents.db"}.exec("select 1");
  sqlite::connection{telemetry.recorder(), ""}.exec("select 1");
  CHECK(
      telemetry.text("db.client.operation.duration") ==
      "db.namespace=:memory: db.query.summary=select db.system.name=sqlite count=1 sum=0 (0,0]=1\n"
      "db.namespace=documents.db db.query.summary=select db.system.name=sqlite count=1 sum=0 "
      "(0,0]=1");
}

TEST_CASE("a file that is not a database is an error on first use", "[sqlite]") {
  const temporary_folder folder;
  const std::string file = folder.path() / "notes.txt";
  std::ofstream{file} << std::string(1000, 'x');
  capture telemetry;
  sqlite::connection db{telemetry.recorder(), file};
  CHECK(code_of([&] { db.exec("select * from t"); }) == SQLITE_NOTADB);
}

TEST_CASE("a database that cannot be opened is an error with SQLite's code and message",
          "[sqlite]") {
  const temporary_folder folder;
  capture telemetry;
  CHECK_THROWS_WITH((sqlite::connection{telemetry.recorder(), folder.path() / "no/such/folder.db"}),
                    "sqlite: unable to open database file (14)");
  CHECK_THROWS_AS(
      (sqlite::connection{
          telemetry.recorder(), folder.path() / "missing.db", {.flags = SQLITE_OPEN_READWRITE}}),
      sqlite::error);
}

TEST_CASE("connection options that cannot work are refused by name and value", "[sqlite]") {
  capture telemetry;
  CHECK_THROWS_WITH((sqlite::connection{telemetry.recorder(), ":memory:", {.busy_timeout = -1ms}}),
                    "querytap: option 'busy_timeout' = '-1 ms': expected 0 ms to 2147483647 ms");
  CHECK_THROWS_WITH((sqlite::connection{telemetry.recorder(), std::string{"a\0b", 3}}),
                    "querytap: option 'path' = 'a': contains a NUL byte");
}

TEST_CASE("a call that gets its lock in the end reports how long it waited", "[sqlite]") {
  const temporary_folder folder;
  const std::string file = (folder.path() / "test.db").string();
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection first{telemetry, file};
  sqlite::connection second{telemetry, file, {.busy_timeout = 30s, .slow_threshold = 20ms}};
  first.exec("create table t(a); begin immediate");
  std::thread releaser{[&] {
    CHECK(querytap::testing::became_true([&] {
      const auto active = telemetry.collect().active;
      return !active.empty() && active[0].age >= 40ms;
    }));
    first.exec("commit");
  }};
  const auto line = static_cast<std::uint32_t>(__LINE__) + 1;
  second.exec("insert into t values ('canary')");
  releaser.join();
  const auto slow = *telemetry.collect().call_reports.front();
  CHECK(slow.reason == report_reason::slow);
  CHECK(slow.statement->text == "insert into t values (?)");
  CHECK(slow.phases[phase::lock_wait] >= 20ms);
  CHECK(slow.phases.total() == slow.duration);
  CHECK(slow.site.line == line);
}

TEST_CASE("the report of a call says what its plan cost, and the kinds of its values", "[sqlite]") {
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection db{
      telemetry, ":memory:", {.slow_threshold = 1ns, .describe_parameters = true}};
  db.exec("create table t(a, b)");
  auto insert = db.prepare("insert into t values (?, ?)");
  const auto line = static_cast<std::uint32_t>(__LINE__);
  insert.run(7, "canary");
  const auto by_run = *telemetry.collect().call_reports.front();
  CHECK(by_run.site.line == line + 1);
  CHECK(by_run.parameters == "integer, text(6)");
  insert.bind(nullptr, 1.5);
  insert.step();
  const auto by_step = *telemetry.collect().call_reports.front();
  CHECK(by_step.site.line == line + 6);
  CHECK(by_step.parameters == "null, real");
  auto scan = db.prepare("select a from t where b > ? order by a");
  scan.run("");
  const auto scanned = *telemetry.collect().call_reports.front();
  CHECK(scanned.site.line == line + 11);
  CHECK(scanned.full_scan_steps > 0);
  CHECK(scanned.sorts == 1);
  CHECK(scanned.vm_steps > 0);
  CHECK(scanned.statement_memory > 0);
  CHECK(scanned.rows == 1);
  auto both = db.prepare("select ?, ?");
  const auto line_of_literal = static_cast<std::uint32_t>(__LINE__) + 1;
  both.run("canary", 7);
  CHECK(telemetry.collect().call_reports.front()->site.line == line_of_literal);
}
