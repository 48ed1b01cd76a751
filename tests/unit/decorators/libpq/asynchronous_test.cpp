// Asynchronous calls of libpq: under an event loop, row by row, in pipelines, by COPY, and those that
// never end.

#include "libpq_fixture.hpp"

#include <querytap/calls/request.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <support/wait.hpp>

#include <catch2/catch.hpp>

#include <poll.h>
#include <signal.h>

#include <thread>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::became_true;
using querytap::testing::libpq_fixture;
using querytap::testing::libpq_result;
using querytap::testing::postgres_server;

struct asynchronous : libpq_fixture {
  /// Waits for the socket as an event loop would.
  void wait_for(short events) {
    pollfd socket{PQsocket(db), events, 0};
    REQUIRE(::poll(&socket, 1, 30'000) == 1);
  }
  void flush() {
    while (PQflush(db) == 1) {
      wait_for(POLLIN | POLLOUT);
      CHECK(PQconsumeInput(db) == 1);
    }
  }
  /// The next result, for which it blocks in poll() alone.
  PGresult* next() {
    while (PQisBusy(db) != 0) {
      wait_for(POLLIN);
      if (PQconsumeInput(db) == 0) break;
    }
    return PQgetResult(db);
  }
  /// All results up to the one that ends the call.
  std::string results() {
    std::string all;
    for (PGresult* result = nullptr; (result = next()) != nullptr;) all += seen(result) + '\n';
    return all;
  }
  int send(const char* sql) {
    return PQsendQueryParams(db, sql, 0, nullptr, nullptr, nullptr, nullptr, 0);
  }
  /// Of a pipeline: results up to those of its sync.
  std::string results_of_pipeline() {
    std::string all;
    for (;;) {
      PGresult* const result = next();
      const bool is_sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
      all += seen(result) + '\n';
      if (is_sync || PQstatus(db) == CONNECTION_BAD) return all;
    }
  }

  /// As an administrator would, from another session.
  std::string ask_another_session(const std::string& sql) {
    PGconn* const other = ::PQconnectdb(server.connection_string().c_str());
    const libpq_result result{::PQexec(other, sql.c_str())};
    const bool has_value = PQntuples(result.get()) > 0 && PQnfields(result.get()) > 0;
    std::string value = has_value ? PQgetvalue(result.get(), 0, 0) : "";
    ::PQfinish(other);
    return value;
  }
  void terminate_session() {
    ask_another_session("select pg_terminate_backend(" + std::to_string(PQbackendPID(db)) +
                        ", 10000)");
  }
};

}  // namespace

TEST_CASE_METHOD(asynchronous, "a call under an event loop is sent, waited for and fetched",
                 "[libpq]") {
  PQsetnonblocking(db, 1);
  REQUIRE(PQsendQuery(db, "select n from generate_series(1, 5) n") == 1);
  telemetry.time().advance(1ms);
  flush();
  telemetry.time().advance(20ms);
  CHECK(results() == "PGRES_TUPLES_OK 5\n");
  CHECK(calls() == "select generate_series count=1");
  CHECK(rows() == "select generate_series count=1 sum=5 (4,5]=1");
  CHECK(phases() ==
        "connect count=1 sum=0 (0,0]=1\n"
        "execute count=1 sum=0.001 (0.000977,0.001]=1\n"
        "first_byte count=1 sum=0.02 (0.0186,0.0203]=1");
}

TEST_CASE_METHOD(asynchronous, "a text that the socket cannot take at once is sent until it is",
                 "[libpq]") {
  PQsetnonblocking(db, 1);
  const std::string text = "select length('" + std::string(8'000'000, 'x') + "')";
  REQUIRE(kill(PQbackendPID(db), SIGSTOP) == 0);
  const int is_sent = PQsendQuery(db, text.c_str());
  telemetry.time().advance(10ms);
  const int is_left = PQflush(db);
  kill(PQbackendPID(db), SIGCONT);
  REQUIRE(is_sent == 1);
  REQUIRE(is_left == 1);
  flush();
  telemetry.time().advance(5ms);
  CHECK(results() == "PGRES_TUPLES_OK 1\n");
  CHECK_THAT(phases(), Catch::Contains("execute count=1 sum=0.01 "));
  CHECK_THAT(phases(), Catch::Contains("first_byte count=1 sum=0.005 "));
}

TEST_CASE_METHOD(asynchronous, "rows that come one by one are counted as the server counts them",
                 "[libpq]") {
  exec("create extension if not exists pg_stat_statements");
  exec("select pg_stat_statements_reset()");
  REQUIRE(PQsendQuery(db, "select n as streamed from generate_series(1, 100000) n") == 1);
  REQUIRE(PQsetSingleRowMode(db) == 1);
  std::uint64_t singles = 0;
  telemetry.time().advance(5ms);
  while (const libpq_result result{next()}) {
    if (PQresultStatus(result.get()) != PGRES_SINGLE_TUPLE) continue;
    if (++singles == 1) telemetry.time().advance(7ms);
  }
  CHECK(singles == 100'000);
  CHECK_THAT(rows(), Catch::Contains("select generate_series count=1 sum=100000 "));
  CHECK(phases() ==
        "connect count=1 sum=0 (0,0]=1\n"
        "execute count=2 sum=0 (0,0]=2\n"
        "fetch count=1 sum=0.007 (0.00657,0.00716]=1\n"
        "first_byte count=1 sum=0.005 (0.00465,0.005]=1");
  CHECK(ask_another_session("select calls || ' ' || rows from pg_stat_statements"
                            " where query like '%streamed%'") == "1 100000");
}

TEST_CASE_METHOD(asynchronous, "a failure after the first rows is the call's, with its SQLSTATE",
                 "[libpq]") {
  REQUIRE(PQsendQuery(db, "select 100 / (5 - n) from generate_series(1, 10) n") == 1);
  REQUIRE(PQsetSingleRowMode(db) == 1);
  std::string last;
  int singles = -1;
  for (PGresult* result = nullptr; (result = next()) != nullptr; ++singles) last = seen(result);
  CHECK(singles == 4);
  CHECK(last == "PGRES_FATAL_ERROR 22012");
  CHECK(calls() == "select generate_series db.response.status_code=22012 error.type=22012 count=1");
  CHECK(rows().empty());
  CHECK(telemetry.recorder().collect().call_reports.at(0)->rows == 4);
}

TEST_CASE_METHOD(asynchronous, "each query of a pipeline is a call that begins when it is sent",
                 "[libpq]") {
  REQUIRE(PQenterPipelineMode(db) == 1);
  PQsetnonblocking(db, 1);
  for (int i = 0; i < 100; ++i) {
    const std::string value = std::to_string(i);
    const char* const values[] = {value.c_str()};
    REQUIRE(PQsendQueryParams(db, "select n from generate_series(1, $1) n", 1, nullptr, values,
                              nullptr, nullptr, 0) == 1);
    telemetry.time().advance(1ms);
  }
  REQUIRE(PQpipelineSync(db) == 1);
  flush();
  std::uint64_t rows_seen = 0;
  for (bool is_sync = false; !is_sync;) {
    const libpq_result result{next()};
    is_sync = PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC;
    rows_seen += static_cast<std::uint64_t>(PQntuples(result.get()));
  }
  CHECK(rows_seen == 4950);
  CHECK(PQgetResult(db) == nullptr);
  CHECK(PQexitPipelineMode(db) == 1);
  CHECK(calls() == "select generate_series count=100");
  CHECK_THAT(rows(), Catch::Contains("select generate_series count=100 sum=4950 "));
  // The first was sent 100 ms ago, the last 1 ms.
  CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains(" sum=5.05 "));
  CHECK(exec("select 1") == "PGRES_TUPLES_OK 1");
}

TEST_CASE_METHOD(asynchronous, "what a pipeline skips after a failure is aborted, up to its sync",
                 "[libpq]") {
  REQUIRE(PQenterPipelineMode(db) == 1);
  CHECK(send("select 1 as before") == 1);
  CHECK(send("select 1 / 0 as failing") == 1);
  CHECK(send("select n from generate_series(1, 3) n") == 1);
  CHECK(send("select n from generate_series(1, 3) n") == 1);
  CHECK(PQpipelineSync(db) == 1);
  CHECK(send("select n as behind from generate_series(1, 3) n") == 1);
  CHECK(PQpipelineSync(db) == 1);
  CHECK(results_of_pipeline() ==
        "PGRES_TUPLES_OK 1\nNULL\n"
        "PGRES_FATAL_ERROR 22012\nNULL\n"
        "PGRES_PIPELINE_ABORTED\nNULL\n"
        "PGRES_PIPELINE_ABORTED\nNULL\n"
        "PGRES_PIPELINE_SYNC\n");
  const auto report = telemetry.recorder().collect().call_reports.at(0);
  CHECK(report->error_type == "pipeline_aborted");
  CHECK(report->batch_size == 4);
  CHECK(results_of_pipeline() == "PGRES_TUPLES_OK 3\nNULL\nPGRES_PIPELINE_SYNC\n");
  CHECK(calls() ==
        "select db.response.status_code=22012 error.type=22012 count=1\n"
        "select count=1\n"
        "select generate_series error.type=pipeline_aborted count=2\n"
        "select generate_series count=1");
  CHECK(telemetry.recorder().collect().active.empty());
}

TEST_CASE_METHOD(asynchronous, "a pipeline's commit that fails is a failed COMMIT", "[libpq]") {
  exec("create temporary table t(a int primary key deferrable initially deferred)");
  REQUIRE(PQenterPipelineMode(db) == 1);
  CHECK(send("insert into t values (1), (1)") == 1);
  CHECK(PQpipelineSync(db) == 1);
  CHECK(results_of_pipeline() ==
        "PGRES_COMMAND_OK\nNULL\nPGRES_FATAL_ERROR 23505\nNULL\nPGRES_PIPELINE_SYNC\n");
  CHECK(calls() ==
        "COMMIT db.response.status_code=23505 error.type=23505 count=1\n"
        "create table t count=1\n"
        "insert t count=1");
}

TEST_CASE_METHOD(asynchronous, "a call whose own commit fails has failed", "[libpq]") {
  exec("create temporary table t(a int primary key deferrable initially deferred)");
  CHECK(send("insert into t values (1), (1)") == 1);
  CHECK(results() == "PGRES_COMMAND_OK\nPGRES_FATAL_ERROR 23505\n");
  CHECK(calls() ==
        "create table t count=1\n"
        "insert t db.response.status_code=23505 error.type=23505 count=1");
}

TEST_CASE_METHOD(asynchronous, "a prepared statement is known by its text, in a pipeline too",
                 "[libpq]") {
  const auto execute = [&] {
    return PQsendQueryPrepared(db, "p", 0, nullptr, nullptr, nullptr, 0);
  };
  SECTION("outside of one") {
    CHECK(PQsendPrepare(db, "p", "select n from generate_series(1, 2) n", 0, nullptr) == 1);
    CHECK(results() == "PGRES_COMMAND_OK\n");
    CHECK(execute() == 1);
    CHECK(results() == "PGRES_TUPLES_OK 2\n");
    CHECK(PQsendDescribePrepared(db, "p") == 1);
    CHECK(results() == "PGRES_COMMAND_OK\n");
    CHECK(calls() ==
          "DESCRIBE STATEMENT count=1\n"
          "PREPARE select generate_series count=1\n"
          "select generate_series count=1");
  }
  SECTION("before the server has answered") {
    REQUIRE(PQenterPipelineMode(db) == 1);
    CHECK(PQsendPrepare(db, "p", "select n from generate_series(1, 2) n", 0, nullptr) == 1);
    CHECK(execute() == 1);
    CHECK(PQpipelineSync(db) == 1);
    CHECK(results_of_pipeline() ==
          "PGRES_COMMAND_OK\nNULL\nPGRES_TUPLES_OK 2\nNULL\nPGRES_PIPELINE_SYNC\n");
    CHECK(calls() ==
          "PREPARE select generate_series count=1\n"
          "select generate_series count=1");
    SECTION("and stays so if its name is refused to another") {
      CHECK(PQsendPrepare(db, "p", "select 1 as other", 0, nullptr) == 1);
      CHECK(PQpipelineSync(db) == 1);
      CHECK(results_of_pipeline() == "PGRES_FATAL_ERROR 42P05\nNULL\nPGRES_PIPELINE_SYNC\n");
      CHECK(execute() == 1);
      CHECK(PQpipelineSync(db) == 1);
      CHECK(results_of_pipeline() == "PGRES_TUPLES_OK 2\nNULL\nPGRES_PIPELINE_SYNC\n");
      CHECK_THAT(calls(), Catch::EndsWith("select generate_series count=2"));
    }
  }
}

TEST_CASE_METHOD(asynchronous, "each statement of a text with several is a call", "[libpq]") {
  SECTION("with its own rows") {
    CHECK(PQsendQuery(db,
                      "create temporary table t(a int); -- one; comment\n"
                      "insert into t select generate_series(1, 7);;\n"
                      "select a from t where a < 3; select ';' as x from t") == 1);
    telemetry.time().advance(10ms);
    CHECK(results() ==
          "PGRES_COMMAND_OK\nPGRES_COMMAND_OK\nPGRES_TUPLES_OK 2\nPGRES_TUPLES_OK 7\n");
    CHECK(calls() ==
          "create table t count=1\n"
          "insert t select count=1\n"
          "select t count=2");
    CHECK_THAT(rows(), Catch::Contains("select t count=2 sum=9 "));
    CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains("count=2 sum=0.02"));
  }
  SECTION("up to the one that fails") {
    CHECK(PQsendQuery(db, "select 1 as a; select 1 / 0; select n from generate_series(1, 3) n") ==
          1);
    CHECK(results() == "PGRES_TUPLES_OK 1\nPGRES_FATAL_ERROR 22012\n");
    CHECK(calls() ==
          "select db.response.status_code=22012 error.type=22012 count=1\n"
          "select count=1");
    CHECK(telemetry.recorder().collect().call_reports.at(0)->batch_size == 3);
  }
  SECTION("and the body of a function is none") {
    CHECK(PQsendQuery(db,
                      "create function pg_temp.f() returns int language sql "
                      "begin atomic select 1; select 2; end; select pg_temp.f()") == 1);
    CHECK(results() == "PGRES_COMMAND_OK\nPGRES_TUPLES_OK 1\n");
    CHECK_THAT(calls(), Catch::EndsWith(" count=1"));
  }
  CHECK(telemetry.recorder().collect().active.empty());
}

TEST_CASE_METHOD(asynchronous, "a COPY is one call, from its start to the end of its rows",
                 "[libpq]") {
  exec("create temporary table t(a int)");
  const auto put = [&](const std::string& line) {
    return PQputCopyData(db, line.data(), static_cast<int>(line.size()));
  };
  SECTION("into a table") {
    CHECK(exec("copy t from stdin") == "PGRES_COPY_IN");
    telemetry.time().advance(10ms);
    CHECK(telemetry.recorder().collect().active.size() == 1);
    for (int i = 0; i < 10; ++i) CHECK(put(std::to_string(i) + '\n') == 1);
    CHECK(PQputCopyEnd(db, nullptr) == 1);
    CHECK(seen(PQgetResult(db)) == "PGRES_COMMAND_OK");
    CHECK(PQgetResult(db) == nullptr);
    CHECK(calls() == "copy t count=1\ncreate table t count=1");
    CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains("sum=0.01 "));
  }
  SECTION("with a row that is refused") {
    CHECK(PQsendQuery(db, "copy t from stdin") == 1);
    CHECK(seen(next()) == "PGRES_COPY_IN");
    CHECK(put("canary\n") == 1);
    CHECK(PQputCopyEnd(db, nullptr) == 1);
    CHECK(results() == "PGRES_FATAL_ERROR 22P02\n");
    CHECK(calls() ==
          "copy t db.response.status_code=22P02 error.type=22P02 count=1\n"
          "create table t count=1");
  }
  SECTION("out of a query") {
    CHECK(PQsendQuery(db, "copy (select n from generate_series(1, 1000) n) to stdout") == 1);
    CHECK(seen(next()) == "PGRES_COPY_OUT");
    char* line = nullptr;
    int lines = 0;
    for (; PQgetCopyData(db, &line, 0) > 0; ++lines) PQfreemem(line);
    telemetry.time().advance(4ms);
    CHECK(lines == 1000);
    CHECK(results() == "PGRES_COMMAND_OK\n");
    CHECK_THAT(rows(), Catch::Contains("count=1 sum=1000 "));
    CHECK_THAT(phases(), Catch::Contains("fetch count=1 sum=0.004 "));
  }
  SECTION("given up for another call") {
    CHECK(exec("copy t from stdin") == "PGRES_COPY_IN");
    CHECK(put("1\n") == 1);
    CHECK(exec("select a from t") == "PGRES_TUPLES_OK");
    CHECK(calls() ==
          "copy t error.type=abandoned count=1\n"
          "create table t count=1\n"
          "select t count=1");
  }
  CHECK(telemetry.recorder().collect().active.empty());
}

TEST_CASE_METHOD(asynchronous, "a time limit and a cancellation are told apart", "[libpq]") {
  SECTION("a time limit") {
    exec("set statement_timeout = '20ms'");
    CHECK(PQsendQuery(db, "select pg_sleep(60)") == 1);
    CHECK(results() == "PGRES_FATAL_ERROR 57014\n");
    CHECK(telemetry.recorder().collect().call_reports.at(0)->reason == report_reason::timeout);
  }
  SECTION("a cancellation") {
    CHECK(PQsendQuery(db, "select pg_sleep(60)") == 1);
    PGcancel* const cancel = PQgetCancel(db);
    CHECK(became_true([&] {
      return ask_another_session("select 1 from pg_stat_activity where wait_event = 'PgSleep'") ==
             "1";
    }));
    char reason[64];
    CHECK(PQcancel(cancel, reason, sizeof reason) == 1);
    PQfreeCancel(cancel);
    CHECK(results() == "PGRES_FATAL_ERROR 57014\n");
    CHECK(telemetry.recorder().collect().call_reports.at(0)->reason == report_reason::cancelled);
  }
}

TEST_CASE_METHOD(asynchronous,
                 "a session that ends in the middle of its rows is known by the reason",
                 "[libpq]") {
  CHECK(PQsendQuery(db, "select n, repeat('x', 1000) from generate_series(1, 100000) n") == 1);
  REQUIRE(PQsetSingleRowMode(db) == 1);
  libpq_result{next()};
  // The server fills the socket, and then waits for the client.
  CHECK(became_true([&] {
    return ask_another_session(
               "select 1 from pg_stat_activity where wait_event = 'ClientWrite'"
               " and pid = " +
               std::to_string(PQbackendPID(db))) == "1";
  }));
  kill(PQbackendPID(db), SIGKILL);
  std::string last;
  for (PGresult* result = nullptr; (result = next()) != nullptr;) last = seen(result);
  CHECK(last == "PGRES_FATAL_ERROR");
  CHECK(calls() == "select generate_series error.type=broken_connection count=1");
  CHECK(telemetry.recorder().collect().call_reports.at(0)->rows > 1);
  CHECK(telemetry.recorder().collect().active.empty());
  // The server has ended all sessions, and recovers.
  CHECK(became_true([&] { return ask_another_session("select 1") == "1"; }));
}

TEST_CASE_METHOD(asynchronous, "of two failures the first has the reason", "[libpq]") {
  CHECK(PQsendQuery(db, "select pg_sleep(60)") == 1);
  terminate_session();
  CHECK(results() == "PGRES_FATAL_ERROR 57P01\nPGRES_FATAL_ERROR\n");
  CHECK(calls() == "select db.response.status_code=57P01 error.type=57P01 count=1");
}

TEST_CASE_METHOD(asynchronous, "a pipeline whose connection is lost has lost each of its calls",
                 "[libpq]") {
  REQUIRE(PQenterPipelineMode(db) == 1);
  CHECK(send("select n from generate_series(1, 3) n") == 1);
  CHECK(send("select pg_sleep(60)") == 1);
  CHECK(send("select 1 as behind") == 1);
  CHECK(PQpipelineSync(db) == 1);
  CHECK(became_true([&] {
    return ask_another_session("select 1 from pg_stat_activity where wait_event = 'PgSleep'") ==
           "1";
  }));
  terminate_session();
  for (int i = 0; i < 10; ++i) PQclear(PQgetResult(db));
  CHECK(calls() ==
        "select db.response.status_code=57P01 error.type=57P01 count=1\n"
        "select error.type=pipeline_aborted count=1\n"
        "select generate_series count=1");
  CHECK(telemetry.recorder().collect().active.empty());
}

TEST_CASE_METHOD(asynchronous, "a server that stops answering leaves a call in flight", "[libpq]") {
  query_watch watch{telemetry.recorder(), {.interval = 1h}};
  const int session = PQbackendPID(db);
  REQUIRE(kill(session, SIGSTOP) == 0);
  const auto line = static_cast<std::uint32_t>(__LINE__) + 1;
  const int is_sent = PQsendQuery(db, "select 1 as stopped");
  telemetry.time().advance(200ms);
  watch.look();
  const auto reports = telemetry.recorder().collect().call_reports;
  kill(session, SIGCONT);
  CHECK(is_sent == 1);
  CHECK(results() == "PGRES_TUPLES_OK 1\n");
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]->reason == report_reason::running);
  CHECK(reports[0]->statement->text == "select ? as stopped");
  CHECK(reports[0]->site.line == line);
  const auto slow = telemetry.recorder().collect().call_reports.front();
  CHECK(slow->reason == report_reason::slow);
  CHECK(slow->phases[phase::first_byte] == 200ms);
}

TEST_CASE_METHOD(asynchronous, "a call whose results nobody waits for is abandoned, once",
                 "[libpq]") {
  CHECK(PQsendQuery(db, "select 1 as a; select pg_sleep(0)") == 1);
  SECTION("by closing the connection") { PQfinish(db); }
  SECTION("by the end of the connection's scope") {
    const libpq::connection moved = std::move(db);
    CHECK(db == nullptr);
  }
  SECTION("by another connection in its place") { db = libpq::connection{}; }
  CHECK(calls() == "select error.type=abandoned count=1");
  CHECK(telemetry.recorder().collect().call_reports.at(0)->reason == report_reason::cancelled);
  CHECK(telemetry.recorder().collect().active.empty());
}

TEST_CASE_METHOD(asynchronous, "a synchronous call reads away what was left, and that is counted",
                 "[libpq]") {
  CHECK(PQsendQuery(db, "select n from generate_series(1, 3) n") == 1);
  CHECK(exec("select 1") == "PGRES_TUPLES_OK 1");
  CHECK(calls() == "select count=1\nselect generate_series count=1");
}

TEST_CASE_METHOD(asynchronous, "a call that libpq refuses has failed, and harms no other",
                 "[libpq]") {
  CHECK(PQsendQuery(db, "select n from generate_series(1, 3) n") == 1);
  CHECK(PQsendQuery(db, "select 1 as refused") == 0);
  CHECK(PQsendPrepare(db, "p", "select 1", 0, nullptr) == 0);
  CHECK(results() == "PGRES_TUPLES_OK 3\n");
  CHECK(calls() ==
        "PREPARE select error.type=usage_error count=1\n"
        "select error.type=usage_error count=1\n"
        "select generate_series count=1");
  CHECK(PQsendQueryPrepared(db, "p", 0, nullptr, nullptr, nullptr, 0) == 1);
  CHECK(results() == "PGRES_FATAL_ERROR 26000\n");
  CHECK_THAT(calls(), Catch::StartsWith("EXECUTE db.response.status_code=26000"));
}

TEST_CASE_METHOD(asynchronous, "a call may begin on one thread and end on another", "[libpq]") {
  CHECK(PQsendQuery(db, "select n from generate_series(1, 3) n") == 1);
  std::string seen_there;
  std::thread{[&] {
    telemetry.time().advance(10ms);
    seen_there = seen(PQgetResult(db));
    seen_there += seen(PQgetResult(db));
  }}.join();
  CHECK(seen_there == "PGRES_TUPLES_OK 3NULL");
  CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains("count=1 sum=0.01 "));
  CHECK(telemetry.recorder().collect().active.empty());
}

TEST_CASE_METHOD(asynchronous, "a request's time counts calls that overlap once", "[libpq]") {
  {
    const request request{telemetry.recorder(), "POST /chat"};
    REQUIRE(PQenterPipelineMode(db) == 1);
    for (int i = 0; i < 3; ++i) CHECK(send("select n from generate_series(1, 3) n") == 1);
    CHECK(PQpipelineSync(db) == 1);
    telemetry.time().advance(10ms);
    results_of_pipeline();
    telemetry.time().advance(5ms);
  }
  const request_report report = telemetry.last_request();
  CHECK(report.duration == 15ms);
  CHECK(report.application == 5ms);
  REQUIRE(report.backends.size() == 1);
  CHECK(report.backends[0].calls == 3);
  CHECK(report.backends[0].rows == 9);
  CHECK(report.backends[0].phases.total() == 10ms);
}

TEST_CASE_METHOD(asynchronous, "a connection is made by polling, and timed", "[libpq]") {
  const auto connect = [&](const std::string& options) {
    libpq::connection made =
        libpq::PQconnectStart(telemetry.recorder(), (server.connection_string() + options).c_str());
    telemetry.time().advance(3ms);
    auto status = PGRES_POLLING_WRITING;
    while (status != PGRES_POLLING_OK && status != PGRES_POLLING_FAILED) {
      pollfd socket{PQsocket(made),
                    static_cast<short>(status == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0};
      REQUIRE(::poll(&socket, 1, 30'000) == 1);
      status = PQconnectPoll(made);
    }
    return made;
  };
  libpq::connection made = connect("");
  CHECK(PQstatus(made) == CONNECTION_OK);
  CHECK(seen(PQexec(made, "select 1")) == "PGRES_TUPLES_OK 1");
  libpq::connection missing = connect(" dbname=missing");
  CHECK(PQstatus(missing) == CONNECTION_BAD);
  CHECK(phases() ==
        "connect count=3 sum=0.006 (0,0]=1 (0.00276,0.00301]=2\n"
        "execute count=1 sum=0 (0,0]=1");

  SECTION("and made again where it was lost") {
    const int before = PQbackendPID(made);
    PQreset(made);
    CHECK(PQstatus(made) == CONNECTION_OK);
    CHECK(PQbackendPID(made) != before);
    CHECK_THAT(phases(), Catch::StartsWith("connect count=4 "));
  }
}

TEST_CASE_METHOD(asynchronous, "an asynchronous search tells how many neighbours it asks for",
                 "[libpq]") {
  const std::string search = "select n from generate_series(1, 4) n order by point(n, 0) <-> ";
  REQUIRE(PQsendQuery(db, (search + "point(0, 0) limit 9").c_str()) == 1);
  REQUIRE(PQsetSingleRowMode(db) == 1);
  CHECK(results() ==
        "PGRES_SINGLE_TUPLE 1\nPGRES_SINGLE_TUPLE 1\nPGRES_SINGLE_TUPLE 1\n"
        "PGRES_SINGLE_TUPLE 1\nPGRES_TUPLES_OK\n");
  // The limit of a text with several statements may be another one's.
  REQUIRE(PQsendQuery(db, (search + "point(0, 0); select 1 limit 9").c_str()) == 1);
  CHECK(results() == "PGRES_TUPLES_OK 4\nPGRES_TUPLES_OK 1\n");

  REQUIRE(PQenterPipelineMode(db) == 1);
  const char* const values[] = {"(0,0)", "2"};
  REQUIRE(PQsendPrepare(db, "nearest", (search + "$1::point limit $2").c_str(), 0, nullptr) == 1);
  REQUIRE(PQsendQueryPrepared(db, "nearest", 2, values, nullptr, nullptr, 0) == 1);
  REQUIRE(PQpipelineSync(db) == 1);
  CHECK(results_of_pipeline() ==
        "PGRES_COMMAND_OK\nNULL\nPGRES_TUPLES_OK 2\nNULL\nPGRES_PIPELINE_SYNC\n");
  CHECK_THAT(telemetry.text("querytap.retrieval.asked"),
             Catch::EndsWith("count=2 sum=11 (1,2]=1 (8,9]=1"));
}
