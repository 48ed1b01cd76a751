// The decorators of PostgreSQL where services run it: behind pgbouncer, on a standby, by TLS, at the limit
// of its connections, and restarted beneath its clients. What they measure is what the server says.

#include <querytap/calls/request.hpp>
#include <querytap/decorators/libpq.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <querytap/testing/capture.hpp>
#include <support/exported.hpp>
#include <support/pgbouncer.hpp>
#include <support/postgres_server.hpp>
#include <support/text.hpp>
#include <support/wait.hpp>

#include <catch2/catch.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

// libpqxx 6.4 leaks the result that reports a broken connection.
// NOLINTNEXTLINE(bugprone-reserved-identifier, readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx"; }

namespace {

using namespace querytap;
using querytap::testing::became_true;
using querytap::testing::exported_texts;
using querytap::testing::lines_up_to;
using querytap::testing::pgbouncer;
using querytap::testing::postgres_server;
using querytap::testing::without;

struct cleared {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using result_of_libpq = std::unique_ptr<PGresult, cleared>;

/// Its first value, or its SQLSTATE.
std::string answer(PGresult* taken) {
  const result_of_libpq result{taken};
  if (const char* const code = PQresultErrorField(taken, PG_DIAG_SQLSTATE)) return code;
  const bool has_value = PQntuples(taken) > 0 && PQnfields(taken) > 0;
  return has_value ? PQgetvalue(taken, 0, 0) : PQresStatus(PQresultStatus(taken));
}

/// On a connection of its own, unmeasured.
std::string ask_unmeasured(const postgres_server& server, const std::string& sql) {
  PGconn* const db = ::PQconnectdb(server.connection_string().c_str());
  std::string value = answer(::PQexec(db, sql.c_str()));
  ::PQfinish(db);
  return value;
}

/// The one primary of this file.
postgres_server& primary() {
  static postgres_server instance{
      {.settings = {"shared_preload_libraries=pg_stat_statements", "max_connections=12"},
       .encrypts = true}};
  static const bool counts =
      ask_unmeasured(instance, "create extension pg_stat_statements") == "PGRES_COMMAND_OK";
  REQUIRE(counts);
  return instance;
}

/// Each word of `text` that begins like this is left out, up to the blank behind it.
std::string without_words(std::string text, std::string_view begin) {
  for (std::size_t at = 0; (at = text.find(begin, at)) != std::string::npos;) {
    text.erase(at, text.find(' ', at) + 1 - at);
  }
  return text;
}

struct measured {
  capture telemetry;

  libpq::connection connect(const std::string& address,
                            const libpq::connection_options& options = {}) {
    return libpq::PQconnectdb(telemetry.recorder(), address.c_str(), options);
  }
  /// Which operations there were, how they ended and how often; on whichever server.
  std::string calls() {
    std::string text = lines_up_to(" sum=", telemetry.text("db.client.operation.duration"));
    for (const char* label : {"db.namespace=", "db.system.name=", "db.response.status_code=",
                              "server.address=", "server.port="}) {
      text = without_words(text, label);
    }
    return without(text, "db.query.summary=");
  }
};

}  // namespace

TEST_CASE_METHOD(measured, "rows and calls are those that the server counts", "[postgres]") {
  postgres_server& server = primary();
  libpq::connection db = connect(server.connection_string());
  answer(::PQexec(db.native(), "select pg_stat_statements_reset()"));
  for (int i = 1; i <= 7; ++i) {
    const std::string count = std::to_string(i);
    const char* const values[] = {count.c_str()};
    answer(PQexecParams(db, "select n as number from generate_series(1, $1) n", 1, nullptr, values,
                        nullptr, nullptr, 0));
  }
  postgres::connection other{telemetry.recorder(), server.connection_string()};
  CHECK(postgres::nontransaction{other}
            .exec_params("select n as number from generate_series(1, $1) n", 2)
            .size() == 2);
  const std::string counted =
      ask_unmeasured(server,
                     "select 'count=' || sum(calls) || ' sum=' || sum(rows) from pg_stat_statements"
                     " where query like '%as number%'");
  CHECK(counted == "count=8 sum=30");
  CHECK_THAT(telemetry.text("db.client.response.returned_rows"), Catch::Contains(counted + ' '));
}

TEST_CASE_METHOD(measured, "the server shows the tags of a query, and counts it as the same",
                 "[postgres]") {
  postgres_server& server = primary();
  const sql_comment tags{{{"route", "POST /chat"}}, sql_comment::trace_tag::if_sampled};
  libpq::connection db = connect(server.connection_string(), {.comment = tags});
  answer(::PQexec(db.native(), "select pg_stat_statements_reset()"));
  const auto current_query = [&] {
    return answer(PQexec(db, "select query from pg_stat_activity where pid = pg_backend_pid();"));
  };
  CHECK(current_query() ==
        "select query from pg_stat_activity where pid = pg_backend_pid() "
        "/*route='POST%20%2Fchat'*/;");
  const auto trace =
      trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  {
    const trace_scope scope{*trace};
    CHECK_THAT(current_query(), Catch::Contains("/*route='POST%20%2Fchat',traceparent='00-4bf92f"));
    CHECK(PQsendQuery(db, "select 1 as asynchronous") == 1);
    while (result_of_libpq{PQgetResult(db)}) {
    }
    CHECK(
        answer(PQprepare(db, "p", "select query from pg_stat_activity where pid = pg_backend_pid()",
                         0, nullptr)) == "PGRES_COMMAND_OK");
    CHECK(answer(PQexecPrepared(db, "p", 0, nullptr, nullptr, nullptr, 0)) ==
          "select query from pg_stat_activity where pid = pg_backend_pid()");
  }
  answer(PQexecPrepared(db, "p", 0, nullptr, nullptr, nullptr, 0));
  CHECK(ask_unmeasured(server,
                       "select count(*) || ' ' || sum(calls) from pg_stat_statements"
                       " where query like 'select query from%'") == "1 4");
  CHECK(calls() ==
        "PREPARE select pg_stat_activity count=1\n"
        "select count=1\n"
        "select pg_stat_activity count=4");
}

TEST_CASE_METHOD(measured, "a standby answers reads, and refuses writes with 25006", "[postgres]") {
  postgres_server& server = primary();
  ask_unmeasured(server, "create table pages as select n from generate_series(1, 9) n");
  const postgres_server standby{{.standby_of = &server}};
  ask_unmeasured(server, "insert into pages values (10)");
  CHECK(became_true([&] { return ask_unmeasured(standby, "select count(*) from pages") == "10"; }));

  libpq::connection db = connect(standby.connection_string());
  CHECK(answer(PQexec(db, "select n from pages where n > 7 order by n")) == "8");
  CHECK(answer(PQexec(db, "insert into pages values (11)")) == "25006");
  CHECK(PQsendQuery(db, "delete from pages") == 1);
  CHECK(answer(PQgetResult(db)) == "25006");
  CHECK(PQgetResult(db) == nullptr);
  postgres::connection other{telemetry.recorder(), standby.connection_string()};
  {
    postgres::work tx{other};
    CHECK(tx.exec("select n from pages").size() == 10);
    CHECK_THROWS_AS(tx.exec("update pages set n = 0"), pqxx::sql_error);
  }
  CHECK(calls() ==
        "BEGIN count=1\n"
        "delete pages error.type=25006 count=1\n"
        "insert pages error.type=25006 count=1\n"
        "select pages count=2\n"
        "update pages error.type=25006 count=1");
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("server.port=" + std::to_string(standby.port())));
  ask_unmeasured(server, "drop table pages");
}

TEST_CASE_METHOD(measured,
                 "through pgbouncer in transaction mode, transactions are measured as ever",
                 "[postgres]") {
  const pgbouncer bouncer{primary(), 2};
  libpq::connection db = connect(bouncer.connection_string());
  const char* const values[] = {"3"};
  answer(PQexec(db, "begin"));
  CHECK(answer(PQexecParams(db, "select $1::int + 1", 1, nullptr, values, nullptr, nullptr, 0)) ==
        "4");
  answer(PQexec(db, "commit"));
  CHECK(PQsendQueryParams(db, "select $1::int + 1", 1, nullptr, values, nullptr, nullptr, 0) == 1);
  CHECK(answer(PQgetResult(db)) == "4");
  CHECK(PQgetResult(db) == nullptr);

  postgres::connection other{telemetry.recorder(), bouncer.connection_string()};
  postgres::work tx{other};
  CHECK(tx.exec_params("select $1::int + 1", 3).at(0).at(0).as<int>() == 4);
  tx.commit();
  CHECK(calls() ==
        "begin count=2\n"
        "commit count=2\n"
        "select count=3");
}

TEST_CASE_METHOD(measured, "through pgbouncer, what a session has does not follow its transactions",
                 "[postgres]") {
  const pgbouncer bouncer{primary(), 2};
  libpq::connection db = connect(bouncer.connection_string());
  libpq::connection second = connect(bouncer.connection_string());
  const auto exec = [](libpq::connection& on, const char* sql) { return answer(PQexec(on, sql)); };
  const auto exec_prepared = [&] {
    return answer(PQexecPrepared(db, "p", 0, nullptr, nullptr, nullptr, 0));
  };
  const auto prepare = [](libpq::connection& on) {
    return answer(PQprepare(on, "p", "select 7 as prepared", 0, nullptr));
  };
  // The first session of the server now has the statement, and is the next to be used.
  CHECK(prepare(db) == "PGRES_COMMAND_OK");

  SECTION("a prepared statement is missing on the other session of the server") {
    CHECK(exec(second, "begin") == "PGRES_COMMAND_OK");
    CHECK(exec_prepared() == "26000");
    CHECK(exec(second, "commit") == "PGRES_COMMAND_OK");
    CHECK_THAT(calls(), Catch::Contains("select error.type=26000 count=1"));
  }
  SECTION("its name is taken for another client") {
    CHECK(prepare(second) == "42P05");
    CHECK_THAT(calls(), Catch::Contains("PREPARE select error.type=42P05 count=1"));
  }
  SECTION("within one transaction it is there") {
    CHECK(exec(db, "begin") == "PGRES_COMMAND_OK");
    CHECK(exec_prepared() == "7");
    CHECK(exec(db, "commit") == "PGRES_COMMAND_OK");
  }
  SECTION("a setting is found by another client") {
    CHECK(exec(db, "set statement_timeout = '7s'") == "PGRES_COMMAND_OK");
    CHECK(exec(second, "show statement_timeout") == "7s");
    SECTION("and one that the transaction ends is not") {
      CHECK(
          exec(db, "reset statement_timeout; begin; set local statement_timeout = '5s'; commit") ==
          "PGRES_COMMAND_OK");
      CHECK(exec(second, "show statement_timeout") == "0");
    }
  }
  SECTION("a notification goes to whoever uses the session that listens") {
    CHECK(exec(db, "listen news") == "PGRES_COMMAND_OK");
    CHECK(exec(second, "notify news") == "PGRES_COMMAND_OK");
    CHECK(PQnotifies(db) == nullptr);
    PGnotify* const stray = PQnotifies(second);
    CHECK(stray != nullptr);
    PQfreemem(stray);
    exec(second, "unlisten news");
  }
  SECTION("libpqxx prepares once, and finds nothing in the next transaction") {
    postgres::connection other{telemetry.recorder(), bouncer.connection_string()};
    other.prepare("q", "select 8");
    {
      postgres::work tx{other};
      CHECK(tx.exec_prepared("q").at(0).at(0).as<int>() == 8);
      tx.commit();
    }
    CHECK(exec(second, "begin") == "PGRES_COMMAND_OK");
    postgres::work tx{other};
    CHECK_THROWS_AS(tx.exec_prepared("q"), pqxx::sql_error);
    CHECK_THAT(calls(), Catch::Contains("select error.type=26000 count=1"));
  }
}

TEST_CASE_METHOD(measured, "TLS, too many connections and a restart are measured as they are",
                 "[postgres]") {
  recorder& recorder = telemetry.recorder();
  postgres_server& server = primary();
  const std::string encrypted =
      server.connection_string() +
      " sslmode=verify-full password=canary sslrootcert=" + server.certificate().string();

  // TLS, and a certificate that is not trusted.
  libpq::connection db = connect(encrypted);
  REQUIRE(PQstatus(db) == CONNECTION_OK);
  CHECK(PQsslInUse(db) == 1);
  CHECK(answer(PQexec(db, "select ssl from pg_stat_ssl where pid = pg_backend_pid()")) == "t");
  CHECK(PQsendQuery(db, "select n from generate_series(1, 100000) n") == 1);
  CHECK(answer(PQgetResult(db)) == "1");
  CHECK(PQgetResult(db) == nullptr);
  libpq::connection distrustful = connect(
      server.connection_string() + " sslmode=verify-full password=canary sslrootcert=/dev/null");
  CHECK(PQstatus(distrustful) == CONNECTION_BAD);
  {
    postgres::connection other{recorder, encrypted};
    postgres::nontransaction session{other};
    CHECK(session.exec("select ssl from pg_stat_ssl where pid = pg_backend_pid()").size() == 1);
  }
  CHECK(calls() == "select generate_series count=1\nselect pg_stat_ssl count=2");

  // As many connections as the server takes, and one more.
  std::vector<libpq::connection> crowd;
  const auto connect_to_the_limit = [&] {
    const request request{recorder, "POST /chat"};
    do {
      crowd.push_back(connect(encrypted));
    } while (PQstatus(crowd.back()) == CONNECTION_OK);
    throw std::runtime_error{PQerrorMessage(crowd.back())};
  };
  CHECK_THROWS_WITH(connect_to_the_limit(), Catch::Contains("too many clients"));
  CHECK(crowd.size() > 5);
  CHECK(telemetry.last_request().error_type == "53300");
  CHECK_THROWS_AS((postgres::connection{recorder, encrypted}), pqxx::broken_connection);
  crowd.clear();

  // It goes down beneath a query, and comes back.
  CHECK(PQsendQuery(db, "select pg_sleep(60)") == 1);
  server.crash();
  while (result_of_libpq{PQgetResult(db)}) {
  }
  CHECK(answer(PQexec(db, "select 1")) == "PGRES_FATAL_ERROR");
  PQreset(db);
  CHECK(PQstatus(db) == CONNECTION_BAD);
  server.recover();
  PQreset(db);
  CHECK(answer(PQexec(db, "select count(*) from pg_class where relname = 'pg_class'")) == "1");
  CHECK(calls() ==
        "select error.type=broken_connection count=2\n"
        "select generate_series count=1\n"
        "select pg_class count=1\n"
        "select pg_stat_ssl count=2");
  for (const std::string& text : exported_texts(recorder.collect())) {
    CHECK_THAT(text, !Catch::Contains("canary") && !Catch::Contains("server.crt"));
  }
}
