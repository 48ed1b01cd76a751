// What is MariaDB's and MySQL's alone: the C API in all its forms, several results, commands, batches,
// and what the server says with each answer. The promises of every client are in conformance_test.cpp.

#include <querytap/calls/request.hpp>
#include <querytap/decorators/mysql.hpp>
#include <querytap/testing/capture.hpp>
#include <support/bare_mysql.hpp>
#include <support/mariadb_server.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::ask;
using querytap::testing::bare_mysql;
using querytap::testing::connect_bare;
using querytap::testing::lines_up_to;
using querytap::testing::mariadb_server;
using querytap::testing::temporary_folder;
using querytap::testing::without;

mariadb_server& zoo_server() {
  static mariadb_server& server = [&]() -> mariadb_server& {
    ask(connect_bare(mariadb_server::shared()).get(),
        "create database zoo; create database other; use zoo;"
        "create table animals(id int primary key, name varchar(40), body text);"
        "insert into animals select seq, concat('animal ', seq), repeat('x', 3000) from "
        "seq_1_to_9");
    return mariadb_server::shared();
  }();
  return server;
}

/// A connection to the server that ends with what it is in.
struct fixture {
  explicit fixture(const mysql::connection_options& options = {})
      : db{telemetry.recorder(), options} {
    const unsigned local_infile = 1;
    mysql_options(&db, MYSQL_OPT_LOCAL_INFILE, &local_infile);
    mysql_options(&db, MYSQL_OPT_NONBLOCK, nullptr);
    REQUIRE(mysql_real_connect(&db, "127.0.0.1", "root", "", "zoo",
                               static_cast<unsigned>(server.port()), nullptr,
                               CLIENT_MULTI_STATEMENTS) == &db);
  }

  /// Sends, and reads all results.
  void run(const std::string& sql) {
    int code = mysql_real_query(&db, sql.data(), sql.size());
    CHECK(code == 0);
    while (code == 0) {
      mysql_free_result(mysql_store_result(&db));
      code = mysql_next_result(&db);
    }
    CHECK(mysql_errno(&db) == 0);
  }

  /// Which operations there were, how they ended and how often; the manual clock does not advance.
  std::string calls() { return lines_up_to(" sum=", metric("db.client.operation.duration")); }
  std::string rows() { return metric("db.client.response.returned_rows"); }
  std::string metric(std::string_view name) {
    std::string text = without(telemetry.text(name), "db.namespace=zoo ");
    text = without(text, "db.system.name=mariadb ");
    text = without(text, "db.query.summary=");
    text = without(text, "server.address=127.0.0.1 ");
    return without(text, "server.port=" + std::to_string(server.port()) + ' ');
  }
  std::string statements() {
    std::string text = telemetry.text_by_statement("db.client.operation.duration");
    return lines_up_to(" db.", text);
  }
  call_report last_report() { return *telemetry.recorder().collect().call_reports.at(0); }

  capture telemetry;
  mariadb_server& server = zoo_server();
  mysql::connection db;
};

struct reporting_fixture : fixture {
  reporting_fixture() : fixture{{.slow_threshold = 1ns}} {}
};

struct statement_closer {
  void operator()(mysql::statement* statement) const noexcept { mysql_stmt_close(statement); }
};
using statement_owner = std::unique_ptr<mysql::statement, statement_closer>;

statement_owner prepare(mysql::connection& db, std::string_view sql) {
  statement_owner made{mysql_stmt_init(&db)};
  REQUIRE(mysql_stmt_prepare(made.get(), sql.data(), sql.size()) == 0);
  return made;
}

MYSQL_BIND integer(int& value) {
  MYSQL_BIND bound{};
  bound.buffer_type = MYSQL_TYPE_LONG;
  bound.buffer = &value;
  return bound;
}

}  // namespace

TEST_CASE_METHOD(fixture, "several statements in one text are operations of their own", "[mysql]") {
  run("insert into animals values (100, 'a;b', ''); select id from animals where name = \"a;b\"; "
      "delete from animals where id = 100 -- ; the end");
  CHECK(calls() ==
        "delete animals count=1\n"
        "insert animals count=1\n"
        "select animals count=1");
  CHECK(rows() == "select animals count=1 sum=1 (0,1]=1");
}

TEST_CASE_METHOD(fixture, "of several statements one that fails is the last", "[mysql]") {
  const std::string sql = "do 1; select id from missing; do 2";
  CHECK(mysql_query(&db, sql.c_str()) == 0);
  CHECK(mysql_next_result(&db) > 0);
  CHECK(mysql_errno(&db) == 1146);
  CHECK(mysql_next_result(&db) == -1);
  CHECK(calls() ==
        "do count=1\n"
        "select missing db.response.status_code=1146 error.type=1146 count=1");
}

TEST_CASE_METHOD(fixture, "the results of a block of statements are one operation", "[mysql]") {
  run("begin not atomic select 1; select id from animals; end");
  CHECK_THAT(calls(), Catch::EndsWith("count=1") && !Catch::Contains("\n"));
  CHECK_THAT(rows(), Catch::Contains("count=1 sum=10 "));
}

TEST_CASE_METHOD(reporting_fixture, "rows that are read one by one are fetched until the last",
                 "[mysql]") {
  REQUIRE(mysql_query(&db, "select id, body from animals") == 0);
  telemetry.time().advance(1ms);
  mysql::result* const result = mysql_use_result(&db);
  telemetry.time().advance(2ms);
  int read = 0;
  SECTION("which ends the operation") {
    for (; mysql_fetch_row(result) != nullptr; ++read) telemetry.time().advance(4ms);
    CHECK(read == 9);
    const call_report report = last_report();
    CHECK(report.duration == 39ms);
    CHECK(report.phases[phase::execute] == 1ms);
    CHECK(report.phases[phase::first_byte] == 2ms);
    CHECK(report.phases[phase::fetch] == 36ms);
    CHECK(report.rows == 9);
    mysql_free_result(result);
  }
  SECTION("or until they are given up") {
    mysql_fetch_row(result);
    telemetry.time().advance(8ms);
    CHECK(telemetry.recorder().collect().call_reports.empty());
    mysql_free_result(result);
    CHECK(last_report().rows == 1);
    CHECK(last_report().duration == 11ms);
  }
  run("select 1");  // the connection goes on
  CHECK(telemetry.recorder().collect().active.empty());
}

TEST_CASE_METHOD(fixture, "a call out of order is an error of its own", "[mysql]") {
  REQUIRE(mysql_query(&db, "select id, body from animals") == 0);
  mysql::result* const result = mysql_use_result(&db);
  mysql_fetch_row(result);
  CHECK(mysql_query(&db, "select name from animals") != 0);
  CHECK(mysql_errno(&db) == 2014);
  while (mysql_fetch_row(result) != nullptr) {
  }
  mysql_free_result(result);
  CHECK(calls() ==
        "select animals error.type=2014 count=1\n"
        "select animals count=1");
}

TEST_CASE_METHOD(fixture, "commands of the protocol are operations", "[mysql]") {
  CHECK(mysql_ping(&db) == 0);
  CHECK(mysql_select_db(&db, "zoo") == 0);
  CHECK(mysql_select_db(&db, "missing") != 0);
  CHECK(mysql_autocommit(&db, 0) == 0);
  run("insert into animals values (100, 'x', '')");
  CHECK(mysql_rollback(&db) == 0);
  CHECK(mysql_commit(&db) == 0);
  run("commit");
  CHECK(mysql_set_character_set(&db, "utf8mb4") == 0);
  CHECK(mysql_stat(&db) != nullptr);
  CHECK(mysql_reset_connection(&db) == 0);
  mysql_free_result(mysql_list_tables(&db, "%"));
  mysql_free_result(mysql_list_processes(&db));
  CHECK(calls() ==
        "CHECK CONNECTION count=1\n"
        "COMMIT count=2\n"
        "RESET CONNECTION count=1\n"
        "ROLLBACK count=1\n"
        "SET NAMES count=1\n"
        "SET autocommit count=1\n"
        "SHOW PROCESSLIST count=1\n"
        "SHOW STATISTICS count=1\n"
        "SHOW TABLES count=1\n"
        "USE db.response.status_code=1049 error.type=1049 count=1\n"
        "USE count=1\n"
        "insert animals count=1");
  CHECK_THAT(metric("querytap.operation.phase.duration"),
             Catch::Contains("querytap.phase=commit count=2") &&
                 Catch::Contains("querytap.phase=validate count=1"));
}

TEST_CASE_METHOD(fixture, "the database is the one that the session is in", "[mysql]") {
  run("select 1");
  run("use other");
  run("select 2");
  CHECK(mysql_select_db(&db, "zoo") == 0);
  run("select 3");
  CHECK(mysql_change_user(&db, "root", "", "other") == 0);
  run("select 4");
  CHECK_THAT(
      metric("db.client.operation.duration"),
      Catch::Contains("select count=2") && Catch::Contains("db.namespace=other select count=2"));
}

TEST_CASE_METHOD(reporting_fixture, "a report has the SQLSTATE and the rows that were changed",
                 "[mysql]") {
  const std::string sql = "update animals set name = 'same' where id < 4";
  CHECK(mysql_send_query(&db, sql.data(), sql.size()) == 0);
  telemetry.time().advance(1ms);
  CHECK(mysql_read_query_result(&db) == 0);
  CHECK(last_report().affected_rows == 3);
  CHECK(last_report().sqlstate.empty());
  CHECK(mysql_query(&db, "insert into animals values (1, 'x', '')") != 0);
  const call_report report = last_report();
  CHECK(report.error_type == "1062");
  CHECK(report.sqlstate == "23000");
  CHECK_FALSE(report.affected_rows.has_value());
}

TEST_CASE_METHOD(fixture, "a prepared statement is known by its text", "[mysql]") {
  const auto by_id = prepare(db, "select name from animals where id <= ?");
  int id = 3;
  MYSQL_BIND value = integer(id);
  REQUIRE(mysql_stmt_bind_param(by_id.get(), &value) == 0);
  SECTION("and its rows are counted as they are read") {
    REQUIRE(mysql_stmt_execute(by_id.get()) == 0);
    while (mysql_stmt_fetch(by_id.get()) == 0) {
    }
  }
  SECTION("or all at once") {
    REQUIRE(mysql_stmt_execute(by_id.get()) == 0);
    CHECK(mysql_stmt_store_result(by_id.get()) == 0);
    CHECK(mysql_stmt_num_rows(by_id.get()) == 3);
    while (mysql_stmt_fetch(by_id.get()) == 0) {
    }
  }
  SECTION("or by a cursor") {
    const unsigned long cursor = CURSOR_TYPE_READ_ONLY;
    CHECK(mysql_stmt_attr_set(by_id.get(), STMT_ATTR_CURSOR_TYPE, &cursor) == 0);
    REQUIRE(mysql_stmt_execute(by_id.get()) == 0);
    while (mysql_stmt_fetch(by_id.get()) == 0) {
    }
  }
  CHECK(calls() == "select animals count=1");
  CHECK(rows() == "select animals count=1 sum=3 (2,3]=1");
  CHECK_THAT(metric("querytap.operation.phase.duration"),
             Catch::Contains("querytap.phase=compile count=1"));
}

TEST_CASE_METHOD(fixture, "a statement that cannot be prepared is a call that failed", "[mysql]") {
  const statement_owner statement{mysql_stmt_init(&db)};
  const std::string_view sql = "select name from missing where id = ?";
  CHECK(mysql_stmt_prepare(statement.get(), sql.data(), sql.size()) != 0);
  CHECK(mysql_stmt_errno(statement.get()) == 1146);
  CHECK(mysql::error{statement.get()}.sqlstate() == "42S02");
  CHECK(calls() == "select missing db.response.status_code=1146 error.type=1146 count=1");
}

TEST_CASE_METHOD(reporting_fixture, "an array of values is a batch", "[mysql]") {
  const auto insert = prepare(db, "insert into animals(id, name) values (?, 'x')");
  std::array<int, 5> ids{201, 202, 203, 204, 205};
  MYSQL_BIND value = integer(ids[0]);
  unsigned size = ids.size();
  CHECK(mysql_stmt_attr_set(insert.get(), STMT_ATTR_ARRAY_SIZE, &size) == 0);
  CHECK(mysql_stmt_bind_param(insert.get(), &value) == 0);
  run("delete from animals where id > 200");
  REQUIRE(mysql_stmt_execute(insert.get()) == 0);
  CHECK(mysql_stmt_affected_rows(insert.get()) == 5);
  CHECK(mysql_stmt_execute(insert.get()) != 0);  // the keys are there
  CHECK(last_report().batch_size == 5);
  CHECK(last_report().error_type == "1062");
  CHECK(calls() ==
        "delete animals count=1\n"
        "insert animals db.response.status_code=1062 error.type=1062 count=1\n"
        "insert animals count=1");
  run("delete from animals where id > 200");
}

TEST_CASE_METHOD(fixture, "after a reset of the connection its statements are lost, and it is not",
                 "[mysql]") {
  const auto prepared = prepare(db, "select ?");
  int value = 1;
  MYSQL_BIND bound = integer(value);
  mysql_stmt_bind_param(prepared.get(), &bound);
  CHECK(mysql_reset_connection(&db) == 0);
  CHECK(mysql_stmt_execute(prepared.get()) != 0);
  CHECK(mysql_stmt_errno(prepared.get()) == 2013);
  CHECK(mysql_errno(&db) == 0);
  run("select 1");
  CHECK(calls() ==
        "RESET CONNECTION count=1\n"
        "select error.type=2013 count=1\n"
        "select count=1");
}

TEST_CASE_METHOD(fixture, "the same values are a duplicate in a request, other values are not",
                 "[mysql]") {
  const auto by_id = prepare(db, "select name from animals where id = ? and name <> ?");
  int id = 0;
  char name[] = "Ada";
  std::array<MYSQL_BIND, 2> values{integer(id), MYSQL_BIND{}};
  values[1].buffer_type = MYSQL_TYPE_STRING;
  values[1].buffer = name;
  values[1].buffer_length = 3;
  mysql_stmt_bind_param(by_id.get(), values.data());
  {
    const request request{telemetry.recorder(), "GET /animals"};
    for (const int next : {1, 2, 1}) {
      id = next;
      mysql_stmt_execute(by_id.get());
      mysql_stmt_store_result(by_id.get());
    }
  }
  const auto findings = telemetry.recorder().collect().findings;
  REQUIRE(findings.size() == 1);
  CHECK(findings[0]->kind == finding_kind::duplicate);
  CHECK(findings[0]->calls == 1);
}

TEST_CASE_METHOD(fixture, "a file that is loaded is one operation", "[mysql]") {
  const temporary_folder folder;
  const std::string file = folder.path() / "animals.txt";
  std::ofstream{file} << "301\tbear\n302\tcanary\n";
  run("load data local infile '" + file + "' into table animals(id, name)");
  CHECK(mysql_affected_rows(&db) != 0);
  CHECK(mysql_query(&db, "load data local infile '/missing' into table animals") != 0);
  CHECK(mysql_errno(&db) == 2);
  run("delete from animals where id > 300");
  CHECK_THAT(calls(), Catch::Contains("count=1\n") && Catch::Contains("error.type=2 count=1"));
}

TEST_CASE_METHOD(fixture, "a text is read by the sql_mode that its session has at that time",
                 "[mysql]") {
  run("select \"lion\" as kind");
  run("set sql_mode = 'ANSI_QUOTES'");
  run("select \"name\" from animals");
  run("set sql_mode = 'NO_BACKSLASH_ESCAPES'");
  run("select 'a\\', 'lion'");
  run("set sql_mode = ''");
  run("select 'a\\', lion', 'x'");
  run("set sql_mode = 'ANSI_QUOTES'");
  run("set sql_mode = ''; select \"lion\"");
  const std::string shown = statements();
  CHECK(shown.find("lion") == std::string::npos);
  CHECK_THAT(shown, Catch::Contains("select \"name\" from animals"));
}

TEST_CASE_METHOD(fixture,
                 "no literal is shown where the mode has changed without a word, or a letter's "
                 "second byte is a backslash",
                 "[mysql]") {
  run("set sql_mode = 'NO_BACKSLASH_ESCAPES'");
  REQUIRE(mysql_reset_connection(&db) == 0);
  run("select 'it\\' lion1, lion2 '");
  run("set statement sql_mode = 'NO_BACKSLASH_ESCAPES' for select 1");
  run("select 'it\\' lion3, lion4 '");
  run("set names gbk");
  run("select '\xbf\x5c', ' lion5 '");
  CHECK(statements().find("lion") == std::string::npos);
}

TEST_CASE_METHOD(fixture, "what the server says of indexes counts where it costs time", "[mysql]") {
  const code_location site = code_location::current();
  const auto scan = [&](std::chrono::milliseconds takes) {
    REQUIRE(mysql_query(&db, "select id from animals where name = 'bear'", site) == 0);
    telemetry.time().advance(takes);
    mysql_free_result(mysql_store_result(&db));
  };
  SECTION("not for short calls") {
    for (int i = 0; i < 1000; ++i) scan(0ms);
    CHECK(telemetry.recorder().collect().findings.empty());
  }
  SECTION("and once the calls of a statement have taken as long as a slow one may") {
    for (int i = 0; i < 9; ++i) scan(10ms);
    CHECK(telemetry.recorder().collect().findings.empty());
    for (int i = 0; i < 5; ++i) scan(10ms);
    const auto findings = telemetry.recorder().collect().findings;
    REQUIRE(findings.size() == 1);
    CHECK(findings[0]->kind == finding_kind::missing_index);
    CHECK(findings[0]->calls == 10);
    CHECK(findings[0]->cost == 100ms);
    CHECK(findings[0]->site.line == site.line());
    CHECK(findings[0]->statement->text == "select id from animals where name = ?");
  }
  SECTION("not where all rows are asked for") {
    REQUIRE(mysql_query(&db, "select id from animals") == 0);
    telemetry.time().advance(10s);
    mysql_free_result(mysql_store_result(&db));
    CHECK(telemetry.recorder().collect().findings.empty());
  }
}

TEST_CASE("calls on a handle that the application keeps are timed", "[mysql]") {
  capture telemetry;
  const bare_mysql handle = connect_bare(zoo_server(), "zoo");
  {
    mysql::connection db = mysql::observe(telemetry.recorder(), handle.get());
    CHECK(db.native() == handle.get());
    CHECK(mysql_query(&db, "do 1") == 0);
  }
  CHECK(ask(handle.get(), "select 7") == "7");  // still open
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("db.namespace=zoo db.query.summary=do") && Catch::Contains("count=1"));
}

TEST_CASE("what the C API lets outlive a connection outlives it", "[mysql]") {
  capture telemetry;
  mysql::connection* const db = mysql::mysql_init(telemetry.recorder());
  REQUIRE(mysql_real_connect(db, "127.0.0.1", "root", "", "zoo",
                             static_cast<unsigned>(zoo_server().port()), nullptr, 0) == db);
  mysql::statement* const statement = mysql_stmt_init(db);
  REQUIRE(mysql_stmt_prepare(statement, "do 1", 4) == 0);
  REQUIRE(mysql_query(db, "select id from animals") == 0);
  mysql::result* const rows = mysql_store_result(db);
  mysql_close(db);
  int read = 0;
  while (mysql_fetch_row(rows) != nullptr) ++read;
  CHECK(read == 9);
  mysql_free_result(rows);
  CHECK(mysql_stmt_execute(statement) != 0);
  mysql_stmt_close(statement);
}

TEST_CASE("a closed connection can be connected once more", "[mysql]") {
  capture telemetry;
  mysql::connection db{telemetry.recorder()};
  for (int i = 0; i < 2; ++i) {
    CHECK(mysql_init(&db) == &db);
    CHECK(mysql_real_connect(&db, "127.0.0.1", "root", "", "zoo",
                             static_cast<unsigned>(zoo_server().port()), nullptr, 0) == &db);
    CHECK(mysql_query(&db, "do 1") == 0);
    mysql_close(&db);
    CHECK(db.native() == nullptr);
  }
}

TEST_CASE_METHOD(fixture, "an event loop has the same operations", "[mysql]") {
  const auto wait = [&](int events) {
    pollfd socket{mysql_get_socket(&db),
                  static_cast<short>((events & MYSQL_WAIT_READ) != 0 ? POLLIN : POLLOUT), 0};
    CHECK(poll(&socket, 1, 30'000) == 1);
    return events & (MYSQL_WAIT_READ | MYSQL_WAIT_WRITE);
  };
  int failed = 1;
  my_bool refused = 1;
  int events = mysql_ping_start(&failed, &db);
  while (events != 0) events = mysql_ping_cont(&failed, &db, wait(events));
  CHECK(failed == 0);
  const std::string sql = "select id, body from animals";
  events = mysql_real_query_start(&failed, &db, sql.data(), sql.size());
  while (events != 0) events = mysql_real_query_cont(&failed, &db, wait(events));
  CHECK(failed == 0);
  mysql::result* const rows = mysql_use_result(&db);
  int read = -1;
  for (MYSQL_ROW row = reinterpret_cast<MYSQL_ROW>(&read); row != nullptr; ++read) {
    events = mysql_fetch_row_start(&row, rows);
    while (events != 0) events = mysql_fetch_row_cont(&row, rows, wait(events));
  }
  CHECK(read == 9);
  events = mysql_free_result_start(rows);
  while (events != 0) events = mysql_free_result_cont(rows, wait(events));

  mysql::statement* const statement = mysql_stmt_init(&db);
  const std::string_view text = "select name from animals where id < 4";
  events = mysql_stmt_prepare_start(&failed, statement, text.data(), text.size());
  while (events != 0) events = mysql_stmt_prepare_cont(&failed, statement, wait(events));
  events = mysql_stmt_execute_start(&failed, statement);
  while (events != 0) events = mysql_stmt_execute_cont(&failed, statement, wait(events));
  CHECK(failed == 0);
  events = mysql_stmt_store_result_start(&failed, statement);
  while (events != 0) events = mysql_stmt_store_result_cont(&failed, statement, wait(events));
  events = mysql_stmt_close_start(&refused, statement);
  while (events != 0) events = mysql_stmt_close_cont(&refused, statement, wait(events));
  CHECK(refused == 0);
  events = mysql_commit_start(&refused, &db);
  while (events != 0) events = mysql_commit_cont(&refused, &db, wait(events));
  events = mysql_query_start(&failed, &db, "select missing");
  while (events != 0) events = mysql_query_cont(&failed, &db, wait(events));
  CHECK(failed != 0);
  CHECK(calls() ==
        "CHECK CONNECTION count=1\n"
        "COMMIT count=1\n"
        "select animals count=2\n"
        "select db.response.status_code=1054 error.type=1054 count=1");
  CHECK(rows != nullptr);
  events = mysql_close_start(&db);
  while (events != 0) events = mysql_close_cont(&db, wait(events));
  CHECK(db.native() == nullptr);
}

TEST_CASE_METHOD(fixture, "a query can be sent now and its answer read later", "[mysql]") {
  const std::string sql = "select id from animals";
  CHECK(mysql_send_query(&db, sql.data(), sql.size()) == 0);
  CHECK(telemetry.recorder().collect().active.size() == 1);
  CHECK(mysql_read_query_result(&db) == 0);
  mysql_free_result(mysql_store_result(&db));
  CHECK(rows() == "select animals count=1 sum=9 (8,9]=1");
}

TEST_CASE_METHOD(fixture, "a transaction ends as the server, or its error, says", "[mysql]") {
  const auto transactions = [&] {
    return lines_up_to(" (", metric("querytap.transaction.duration"));
  };
  const auto fail = [&](const char* sql) { CHECK(mysql_query(&db, sql) != 0); };
  run("begin");
  telemetry.time().advance(1ms);
  run("update animals set name = 'x' where id = 1");
  telemetry.time().advance(2ms);
  SECTION("with a commit") {
    mysql_commit(&db);
    CHECK(transactions() == "querytap.transaction.outcome=committed count=1 sum=0.003");
  }
  SECTION("with a commit after an error that ended only its statement") {
    fail("insert into animals values (1, 'again', '')");
    run("commit");
    CHECK(transactions() == "querytap.transaction.outcome=committed count=1 sum=0.003");
  }
  SECTION("with a change of the schema") {
    run("create or replace table shelves(id int)");
    CHECK(transactions() == "querytap.transaction.outcome=committed count=1 sum=0.003");
  }
  SECTION("with a rollback, and not with one to a savepoint") {
    run("savepoint half");
    run("rollback to half");
    CHECK(transactions().empty());
    mysql_rollback(&db);
    CHECK(transactions() == "querytap.transaction.outcome=rolled_back count=1 sum=0.003");
  }
  SECTION("with a deadlock") {
    fail("signal sqlstate '40001' set mysql_errno = 1213");
    CHECK(transactions() == "querytap.transaction.outcome=rolled_back count=1 sum=0.003");
    mysql_rollback(&db);
    CHECK(transactions() == "querytap.transaction.outcome=rolled_back count=1 sum=0.003");
  }
  SECTION("with a connection that is reset, or closed") {
    mysql_reset_connection(&db);
    CHECK(transactions() == "querytap.transaction.outcome=rolled_back count=1 sum=0.003");
    run("begin");
    mysql_close(&db);
    CHECK(transactions() == "querytap.transaction.outcome=rolled_back count=2 sum=0.003");
  }
  SECTION("with a connection that is lost") {
    ask(connect_bare(server).get(), "kill " + std::to_string(mysql_thread_id(&db)));
    while (mysql_query(&db, "select 1") == 0) mysql_free_result(mysql_store_result(&db));
    CHECK(transactions() == "querytap.transaction.outcome=lost count=1 sum=0.003");
  }
}

TEST_CASE_METHOD(fixture, "without autocommit a transaction begins with its first statement",
                 "[mysql]") {
  mysql_autocommit(&db, 0);
  telemetry.time().advance(1ms);
  const auto update = prepare(db, "update animals set name = 'x' where id = 1");
  CHECK(mysql_stmt_execute(update.get()) == 0);
  telemetry.time().advance(2ms);
  mysql_commit(&db);
  CHECK(lines_up_to(" (", metric("querytap.transaction.duration")) ==
        "querytap.transaction.outcome=committed count=1 sum=0.002");
  CHECK_THAT(metric("querytap.transaction.idle"), Catch::Contains("sum=0.002"));
}
