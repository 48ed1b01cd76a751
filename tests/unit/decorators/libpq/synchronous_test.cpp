// What is libpq's alone, by its synchronous functions; the promises of every client are in
// conformance_test.cpp.

#include "count_allocations.hpp"
#include "libpq_fixture.hpp"

#include <querytap/base/error.hpp>
#include <support/sanitizer.hpp>

#include <catch2/catch.hpp>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::libpq_fixture;
using querytap::testing::libpq_result;
using querytap::testing::lines_up_to;
using querytap::testing::without;

}  // namespace

TEST_CASE_METHOD(libpq_fixture, "only the type of the connection is another", "[libpq]") {
  PGresult* const result = PQexec(db, "select n from generate_series(1, 3) n");
  CHECK(PQresultStatus(result) == PGRES_TUPLES_OK);
  CHECK(PQntuples(result) == 3);
  PQclear(result);
  CHECK(PQserverVersion(db) >= 150000);
  CHECK(db != nullptr);
  CHECK(calls() == "select generate_series count=1");
  CHECK(rows() == "select generate_series count=1 sum=3 (2,3]=1");
  PQfinish(db);
  CHECK(db == nullptr);
  CHECK(PQstatus(db) == CONNECTION_BAD);
  CHECK(PQexec(db, "select 1") == nullptr);
}

TEST_CASE_METHOD(libpq_fixture, "every function that waits for the server is a call", "[libpq]") {
  const char* const values[] = {"2"};
  CHECK(seen(PQprepare(db, "p", "select n from generate_series(1, $1) n", 0, nullptr)) ==
        "PGRES_COMMAND_OK");
  CHECK(seen(PQexecPrepared(db, "p", 1, values, nullptr, nullptr, 0)) == "PGRES_TUPLES_OK 2");
  CHECK(seen(PQdescribePrepared(db, "p")) == "PGRES_COMMAND_OK");
  CHECK(seen(PQdescribePortal(db, "none")) == "PGRES_FATAL_ERROR 34000");
  CHECK(seen(PQexecParams(db, "select $1::int", 1, nullptr, values, nullptr, nullptr, 0)) ==
        "PGRES_TUPLES_OK 1");
  CHECK(seen(PQprepare(db, "p", "select 1", 0, nullptr)) == "PGRES_FATAL_ERROR 42P05");
  CHECK(seen(PQexecPrepared(db, "p", 1, values, nullptr, nullptr, 0)) == "PGRES_TUPLES_OK 2");
  CHECK(seen(PQexecPrepared(db, "q", 0, nullptr, nullptr, nullptr, 0)) ==
        "PGRES_FATAL_ERROR 26000");
  CHECK(calls() ==
        "DESCRIBE PORTAL db.response.status_code=34000 error.type=34000 count=1\n"
        "DESCRIBE STATEMENT count=1\n"
        "EXECUTE db.response.status_code=26000 error.type=26000 count=1\n"
        "PREPARE select db.response.status_code=42P05 error.type=42P05 count=1\n"
        "PREPARE select generate_series count=1\n"
        "select count=1\n"
        "select generate_series count=2");
}

TEST_CASE_METHOD(libpq_fixture, "a statement is read by the settings that its session has",
                 "[libpq]") {
  exec("set escape_string_warning = off; set backslash_quote = on");
  CHECK(exec(R"(select 'C:\' as plain, 'lion')") == "PGRES_TUPLES_OK 1");
  exec("set standard_conforming_strings = off");
  CHECK(exec(R"(select 'it\'s zebra' as escaped, 'lion')") == "PGRES_TUPLES_OK 1");
  CHECK(lines_up_to(" db.", telemetry.text_by_statement("db.client.response.returned_rows")) ==
        "\"select ? as escaped, ?\"\n"
        "\"select ? as plain, ?\"");
}

TEST_CASE_METHOD(libpq_fixture, "a COMMIT is time of the phase commit", "[libpq]") {
  exec("begin");
  exec("select 1");
  exec("commit");
  exec("begin");
  exec("select 1 / 0");
  // The server rolls back, and says so in its answer alone.
  CHECK(exec("commit") == "PGRES_COMMAND_OK");
  CHECK(phases() ==
        "commit count=1 sum=0 (0,0]=1\n"
        "connect count=1 sum=0 (0,0]=1\n"
        "execute count=5 sum=0 (0,0]=5");
}

TEST_CASE_METHOD(libpq_fixture, "what an application has and closes itself can be observed",
                 "[libpq]") {
  PGconn* const own = ::PQconnectdb(server.connection_string().c_str());
  {
    libpq::connection observed = libpq::observe(telemetry.recorder(), own);
    CHECK(seen(PQexec(observed, "select n from generate_series(1, 3) n")) == "PGRES_TUPLES_OK 3");
    CHECK(calls() == "select generate_series count=1");
  }
  CHECK(PQstatus(own) == CONNECTION_OK);
  libpq::connection observed = libpq::observe(telemetry.recorder(), own);
  SECTION("closed before the observer's end") {
    PQsendQuery(observed, "select 1");
    ::PQfinish(own);
    CHECK(observed == nullptr);
    CHECK(PQexec(observed, "select 1") == nullptr);
    CHECK(calls() ==
          "select error.type=abandoned count=1\n"
          "select error.type=broken_connection count=1\n"
          "select generate_series count=1");
  }
  SECTION("reset by its owner, which the server forgets its statements by") {
    libpq_result{PQprepare(observed, "p", "select 1 as prepared", 0, nullptr)};
    ::PQreset(own);
    CHECK(seen(PQexecPrepared(observed, "p", 0, nullptr, nullptr, nullptr, 0)) ==
          "PGRES_FATAL_ERROR 26000");
    CHECK_THAT(calls(), Catch::StartsWith("EXECUTE "));
    ::PQfinish(own);
  }
  SECTION("closed by the observer") {
    PQfinish(observed);
    CHECK(observed == nullptr);
  }
}

TEST_CASE("a connection that cannot be made is timed, and fails the request", "[libpq]") {
  capture telemetry;
  libpq::connection none = libpq::PQconnectdb(
      telemetry.recorder(), "host=127.0.0.1 port=1 dbname=x password=canary connect_timeout=5");
  CHECK(PQstatus(none) == CONNECTION_BAD);
  CHECK_THAT(PQerrorMessage(none), Catch::Contains("refused"));
  CHECK(libpq_fixture::seen(PQexec(none, "select 1")) == "NULL");
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("error.type=broken_connection"));
  CHECK(telemetry.text("querytap.operation.phase.duration") ==
        "db.system.name=postgresql querytap.phase=connect count=1 sum=0 (0,0]=1\n"
        "db.system.name=postgresql querytap.phase=execute count=1 sum=0 (0,0]=1");
  CHECK_THROWS_AS(
      libpq::PQconnectdb(telemetry.recorder(), "host=127.0.0.1 port=1", {.slow_threshold = -1ns}),
      configuration_error);
}

TEST_CASE_METHOD(libpq_fixture, "a transaction lasts from BEGIN to its end, however it ends",
                 "[libpq]") {
  const auto ends = [&] {
    return without(lines_up_to(" sum=", telemetry.text("querytap.transaction.duration")),
                   "db.system.name=postgresql ");
  };
  SECTION("with a COMMIT") {
    exec("begin");
    telemetry.time().advance(5ms);
    exec("select 1");
    exec("savepoint s");
    exec("rollback to s");
    exec("commit");
    CHECK(ends() == "querytap.transaction.outcome=committed count=1");
    CHECK_THAT(telemetry.text("querytap.transaction.idle"), Catch::Contains(" sum=0.005 "));
  }
  SECTION("with a COMMIT that begins another, which is rolled back") {
    exec("begin");
    exec("commit and chain");
    exec("rollback");
    CHECK(ends() ==
          "querytap.transaction.outcome=committed count=1\n"
          "querytap.transaction.outcome=rolled_back count=1");
  }
  SECTION("with a COMMIT after a failure") {
    exec("begin");
    exec("select 1 / 0");
    exec("commit");
    CHECK(ends() == "querytap.transaction.outcome=rolled_back count=1");
  }
  SECTION("with the connection, closed or lost") {
    exec("begin");
    PQfinish(db);
    CHECK(ends() == "querytap.transaction.outcome=rolled_back count=1");
  }
  SECTION("with the server's session") {
    exec("begin");
    exec("select pg_terminate_backend(pg_backend_pid())");
    CHECK(ends() == "querytap.transaction.outcome=lost count=1");
  }
  SECTION("by asynchronous calls, and in a pipeline") {
    const auto send = [&](const char* sql) {
      CHECK(PQsendQueryParams(db, sql, 0, nullptr, nullptr, nullptr, nullptr, 0) == 1);
    };
    send("begin");
    while (libpq_result{PQgetResult(db)}) {
    }
    PQenterPipelineMode(db);
    send("select 1");
    send("commit");
    PQpipelineSync(db);
    while (PQresultStatus(libpq_result{PQgetResult(db)}.get()) != PGRES_PIPELINE_SYNC) {
    }
    CHECK(ends() == "querytap.transaction.outcome=committed count=1");
  }
}

TEST_CASE_METHOD(libpq_fixture, "once warm, a query allocates nothing besides what libpq does",
                 "[libpq]") {
  const char* const values[] = {"7"};
  PQclear(PQprepare(db, "p", "select $1::int", 0, nullptr));
  const auto query = [&] {
    PQclear(PQexec(db, "select 1"));
    PQclear(PQexecParams(db, "select $1::int", 1, nullptr, values, nullptr, nullptr, 0));
    PQclear(PQexecPrepared(db, "p", 1, values, nullptr, nullptr, 0));
    PQsendQuery(db, "select 1");
    while (PGresult* const result = PQgetResult(db)) PQclear(result);
    PQenterPipelineMode(db);
    for (int i = 0; i < 10; ++i) {
      PQsendQueryParams(db, "select $1::int", 1, nullptr, values, nullptr, nullptr, 0);
    }
    PQpipelineSync(db);
    bool is_sync = false;
    while (!is_sync) {
      PGresult* const result = PQgetResult(db);
      is_sync = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
      PQclear(result);
    }
    PQexitPipelineMode(db);
  };
  const auto query_often = [&] {
    for (int i = 0; i < 10; ++i) query();
  };
  const int cold = querytap::testing::allocations_of(query_often);
  CHECK((cold > 0 || querytap::testing::under_sanitizer));
  CHECK(querytap::testing::allocations_of(query_often) == 0);
}

// PostgreSQL's own distance of points is written as pgvector's.
TEST_CASE_METHOD(libpq_fixture, "a search for neighbours tells how many it asks for", "[libpq]") {
  const std::string search = "select n from generate_series(1, 4) n order by point(n, 0) <-> ";
  const char* const origin_and_two[] = {"(0,0)", "2"};
  CHECK(exec(search + "point(0, 0) limit 9") == "PGRES_TUPLES_OK 4");
  CHECK(seen(PQexecParams(db, (search + "$1::point limit $2").c_str(), 2, nullptr, origin_and_two,
                          nullptr, nullptr, 0)) == "PGRES_TUPLES_OK 2");

  CHECK(exec("begin; " + search + "point(0, 0) limit 9; commit") == "PGRES_COMMAND_OK");

  const char three[] = {0, 0, 0, 0, 0, 0, 0, 3};
  const char* const origin_and_three[] = {"(0,0)", three};
  const int lengths[] = {0, 8};
  const int formats[] = {0, 1};
  CHECK(seen(PQprepare(db, "nearest", (search + "$1::point limit $2").c_str(), 0, nullptr)) ==
        "PGRES_COMMAND_OK");
  CHECK(seen(PQexecPrepared(db, "nearest", 2, origin_and_three, lengths, formats, 0)) ==
        "PGRES_TUPLES_OK 3");

  const char* const without_number[] = {"(0,0)", nullptr};
  CHECK(seen(PQexecPrepared(db, "nearest", 2, without_number, nullptr, nullptr, 0)) ==
        "PGRES_TUPLES_OK 4");
  const char* const not_a_number[] = {"(0,0)", "many"};
  CHECK(seen(PQexecPrepared(db, "nearest", 2, not_a_number, nullptr, nullptr, 0)) ==
        "PGRES_FATAL_ERROR 22P02");
  CHECK_THAT(telemetry.text("querytap.retrieval.asked"),
             Catch::EndsWith("count=3 sum=14 (1,2]=1 (2,3]=1 (8,9]=1"));
  CHECK_THAT(telemetry.text("querytap.retrieval.under_return"), Catch::EndsWith(" value=1"));
}
