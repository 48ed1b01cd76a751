// What is PostgreSQL's alone: transactions of libpqxx, SQLSTATEs, and servers that stop, crash or
// end a session. The promises of every client are in conformance_test.cpp.

#include "postgres_client.hpp"

#include <querytap/calls/request.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/runtime/watch/query_watch.hpp>
#include <querytap/testing/capture.hpp>
#include <support/postgres_server.hpp>
#include <support/text.hpp>
#include <support/wait.hpp>

#include <catch2/catch.hpp>

#include <signal.h>

#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

// libpqxx 6.4 leaks the result that reports a broken connection.
// NOLINTNEXTLINE(bugprone-reserved-identifier, readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx"; }

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::became_true;
using querytap::testing::lines_up_to;
using querytap::testing::postgres_server;
using querytap::testing::without;

struct fixture {
  capture telemetry;
  postgres_server& server = postgres_server::shared();
  postgres::connection db{telemetry.recorder(), server.connection_string()};

  /// Which operations there were, how they ended and how often; the manual clock does not advance.
  std::string calls() { return lines_up_to(" sum=", metric("db.client.operation.duration")); }
  std::string rows() { return metric("db.client.response.returned_rows"); }

 private:
  std::string metric(std::string_view name) {
    std::string text = without(telemetry.text(name), "db.namespace=postgres ");
    text = without(text, "db.system.name=postgresql ");
    text = without(text, "db.query.summary=");
    text = without(text, "server.address=127.0.0.1 ");
    return without(text, "server.port=" + std::to_string(server.port()) + ' ');
  }
};

/// Returns once a session of the server executes pg_sleep().
void wait_for_sleeper(pqxx::nontransaction& observer) {
  CHECK(became_true([&] {
    return !observer.exec("select 1 from pg_stat_activity where wait_event = 'PgSleep'").empty();
  }));
}

/// As an administrator would, from another session.
void terminate(postgres_server& server, int backend) {
  pqxx::connection administrator{server.connection_string()};
  pqxx::nontransaction session{administrator};
  session.exec_params("select pg_terminate_backend($1)", backend);
}

}  // namespace

TEST_CASE_METHOD(fixture, "a transaction is BEGIN, its statements and COMMIT", "[postgres]") {
  {
    postgres::work tx{db};
    tx.exec("create temporary table t(a int)");
    tx.exec_params("insert into t select generate_series(1, $1)", 5);
    CHECK(tx.exec("update t set a = a + 1").affected_rows() == 5);
    CHECK(tx.exec_params("select a from t where a > $1", 4).size() == 2);
    CHECK(tx.exec("delete from t returning a").size() == 5);
    tx.commit();
  }
  CHECK(calls() ==
        "BEGIN count=1\n"
        "COMMIT count=1\n"
        "create table t count=1\n"
        "delete t count=1\n"
        "insert t select count=1\n"
        "select t count=1\n"
        "update t count=1");
  CHECK(rows() ==
        "delete t count=1 sum=5 (4,5]=1\n"
        "select t count=1 sum=2 (1,2]=1");
}

TEST_CASE_METHOD(fixture, "a transaction that is not committed ends with a ROLLBACK",
                 "[postgres]") {
  SECTION("by itself") { postgres::work tx{db}; }
  SECTION("by abort, once") {
    postgres::work tx{db};
    tx.abort();
    tx.abort();
  }
  SECTION("with an exception of the application") {
    try {
      postgres::work tx{db};
      throw std::domain_error{"application"};
    } catch (const std::domain_error&) {
    }
  }
  CHECK(calls() ==
        "BEGIN count=1\n"
        "ROLLBACK count=1");
}

TEST_CASE_METHOD(fixture, "committing twice sends one COMMIT", "[postgres]") {
  postgres::work tx{db};
  tx.commit();
  CHECK_NOTHROW(tx.commit());
  CHECK_THROWS_AS(tx.abort(), pqxx::usage_error);
  CHECK(calls() ==
        "BEGIN count=1\n"
        "COMMIT count=1");
}

TEST_CASE_METHOD(fixture, "a prepared statement is known by its text", "[postgres]") {
  db.prepare("by_number", "select n from generate_series(1, 9) n where n <= $1");
  postgres::nontransaction session{db};
  CHECK(session.exec_prepared("by_number", 3).size() == 3);
  CHECK(session.exec_prepared("by_number", 0).empty());
  CHECK_THROWS_AS(session.exec_prepared("unknown"), pqxx::argument_error);
  CHECK(calls() ==
        "EXECUTE error.type=argument_error count=1\n"
        "select generate_series count=2");
  CHECK(rows() == "select generate_series count=2 sum=3 (0,0]=1 (2,3]=1");
}

TEST_CASE_METHOD(fixture, "a statement is read by the settings that its session has at that time",
                 "[postgres]") {
  {
    postgres::nontransaction session{db};
    session.exec("set escape_string_warning = off");
    session.exec("set backslash_quote = on");
    const auto read = [&](const std::string& literal, const std::string& column) {
      return session.exec("select " + literal + " as " + column + ", 'lion'").at(0).size();
    };
    for (const char* plain : {R"('C:\')", R"('\''zebra\')", R"(E'it\'s zebra')", R"('"\')"}) {
      CHECK(read(plain, "plain") == 2);
    }
    session.exec("set standard_conforming_strings = off");
    for (const char* escaped : {R"('it\'s zebra')", R"('\\')", R"('\'--zebra')", R"('zebra''\'')",
                                R"(E'\'zebra')", R"('\'$$zebra')", "'zebra\\' '\n'\\' zebra'"}) {
      CHECK(read(escaped, "escaped") == 2);
    }
    session.exec("reset standard_conforming_strings");
    CHECK(read(R"('C:\')", "plain") == 2);
  }
  db.prepare("later", R"(select 'C:\', 'lion')");
  CHECK(postgres::nontransaction{db}.exec_prepared("later").size() == 1);
  CHECK(lines_up_to(" db.", telemetry.text_by_statement("db.client.response.returned_rows")) ==
        "\"select ? as escaped, ?\"\n"
        "\"select ? as plain, ?\"\n"
        "\"select ?\"");
}

TEST_CASE_METHOD(fixture,
                 "a failing statement carries its SQLSTATE, and its exception is untouched",
                 "[postgres]") {
  postgres::nontransaction session{db};
  session.exec("create temporary table t(a int primary key)");
  session.exec("insert into t values (7)");
  CHECK_THROWS_AS(session.exec("select * from missing"), pqxx::undefined_table);
  CHECK_THROWS_AS(session.exec_params("insert into t values ($1)", 7), pqxx::unique_violation);
  CHECK_THROWS_AS(session.exec("select 1 / 0"), pqxx::data_exception);
  session.exec("set statement_timeout = '10ms'");
  CHECK_THROWS_WITH(session.exec("select pg_sleep(60)"), Catch::Contains("statement timeout"));
  CHECK(calls() ==
        "create table t count=1\n"
        "insert t db.response.status_code=23505 error.type=23505 count=1\n"
        "insert t count=1\n"
        "select db.response.status_code=22012 error.type=22012 count=1\n"
        "select db.response.status_code=57014 error.type=57014 count=1\n"
        "select missing db.response.status_code=42P01 error.type=42P01 count=1\n"
        "set statement_timeout count=1");
}

TEST_CASE_METHOD(fixture, "an SQLSTATE that libpqxx turns into a type of its own is still known",
                 "[postgres]") {
  const auto raise = [&](const std::string& sqlstate) {
    postgres::nontransaction{db}.exec("do $$ begin raise sqlstate '" + sqlstate + "'; end $$");
  };
  CHECK_THROWS_AS(raise("40001"), pqxx::serialization_failure);
  CHECK_THROWS_AS(raise("40P01"), pqxx::deadlock_detected);
  CHECK_THROWS_AS(raise("40003"), pqxx::statement_completion_unknown);
  CHECK_THROWS_AS(raise("53300"), pqxx::too_many_connections);
  CHECK(calls() ==
        "do db.response.status_code=40001 error.type=40001 count=1\n"
        "do db.response.status_code=40003 error.type=40003 count=1\n"
        "do db.response.status_code=40P01 error.type=40P01 count=1\n"
        "do db.response.status_code=53300 error.type=53300 count=1");
}

TEST_CASE_METHOD(fixture, "a statement that fails takes its transaction with it", "[postgres]") {
  {
    postgres::work tx{db};
    CHECK_THROWS_AS(tx.exec("select 1 / 0"), pqxx::data_exception);
    CHECK_THROWS_AS(tx.exec("select 1"), pqxx::usage_error);
  }
  {
    postgres::work tx{db};
    CHECK_THROWS_AS(tx.exec_params("select 1 / $1", 0), pqxx::data_exception);
  }
  CHECK(calls() ==
        "BEGIN count=2\n"
        "ROLLBACK count=1\n"
        "select db.response.status_code=22012 error.type=22012 count=2\n"
        "select error.type=usage_error count=1");
}

TEST_CASE_METHOD(fixture, "a COMMIT that violates a deferred constraint is a failed COMMIT",
                 "[postgres]") {
  postgres::work tx{db};
  tx.exec("create temporary table t(a int primary key deferrable initially deferred)");
  tx.exec("insert into t values (1), (1)");
  CHECK_THROWS_AS(tx.commit(), pqxx::unique_violation);
  CHECK(calls() ==
        "BEGIN count=1\n"
        "COMMIT db.response.status_code=23505 error.type=23505 count=1\n"
        "create table t count=1\n"
        "insert t count=1");
}

TEST_CASE_METHOD(fixture,
                 "a session that is killed in the middle of a query is a broken connection",
                 "[postgres]") {
  std::thread administrator{[&, backend = db.native().backendpid()] {
    pqxx::connection observer{server.connection_string()};
    pqxx::nontransaction watch{observer};
    wait_for_sleeper(watch);
    terminate(server, backend);
  }};
  {
    postgres::work tx{db};
    CHECK_THROWS_AS(tx.exec_params("select pg_sleep($1)", 60), pqxx::broken_connection);
  }
  administrator.join();
  CHECK(calls() ==
        "BEGIN count=1\n"
        "select error.type=broken_connection count=1");

  CHECK_NOTHROW(postgres::nontransaction{db}.exec("select 1"));
}

TEST_CASE_METHOD(fixture, "a session that is killed before COMMIT leaves its transaction in doubt",
                 "[postgres]") {
  postgres::work tx{db};
  tx.exec("create temporary table t()");
  terminate(server, db.native().backendpid());
  CHECK_THROWS_AS(tx.commit(), pqxx::in_doubt_error);
  CHECK(calls() ==
        "BEGIN count=1\n"
        "COMMIT error.type=in_doubt_error count=1\n"
        "create table t count=1");
}

TEST_CASE("a server that goes down in the middle of a query is seen by query and connect",
          "[postgres]") {
  capture telemetry;
  postgres_server server;
  postgres::connection db{telemetry.recorder(), server.connection_string()};
  postgres::nontransaction session{db};

  std::thread power_failure{[&] {
    pqxx::connection observer{server.connection_string()};
    pqxx::nontransaction watch{observer};
    wait_for_sleeper(watch);
    server.crash();
  }};
  CHECK_THROWS_AS(session.exec("select pg_sleep(60)"), pqxx::broken_connection);
  power_failure.join();

  CHECK_THROWS_AS((postgres::connection{telemetry.recorder(), server.connection_string()}),
                  pqxx::broken_connection);
  CHECK(telemetry.text("db.client.operation.duration") ==
        "db.namespace=postgres db.query.summary=select db.system.name=postgresql "
        "error.type=broken_connection server.address=127.0.0.1 server.port=" +
            std::to_string(server.port()) + " count=1 sum=0 (0,0]=1");
  CHECK(telemetry.text("querytap.operation.phase.duration") ==
        "db.system.name=postgresql querytap.phase=connect count=2 sum=0 (0,0]=2\n"
        "db.system.name=postgresql querytap.phase=execute count=1 sum=0 (0,0]=1");
}

TEST_CASE_METHOD(fixture, "a COMMIT is time of the phase commit, BEGIN and queries of execute",
                 "[postgres]") {
  postgres::work tx{db};
  tx.exec("select 1");
  tx.commit();
  CHECK(telemetry.text("querytap.operation.phase.duration") ==
        "db.system.name=postgresql querytap.phase=commit count=1 sum=0 (0,0]=1\n"
        "db.system.name=postgresql querytap.phase=connect count=1 sum=0 (0,0]=1\n"
        "db.system.name=postgresql querytap.phase=execute count=2 sum=0 (0,0]=2");
}

TEST_CASE_METHOD(fixture, "a query that another session cancels is reported as cancelled",
                 "[postgres]") {
  std::thread canceller{[&, backend = db.native().backendpid()] {
    pqxx::connection administrator{server.connection_string()};
    pqxx::nontransaction session{administrator};
    wait_for_sleeper(session);
    session.exec_params("select pg_cancel_backend($1)", backend);
  }};
  CHECK_THROWS(postgres::nontransaction{db}.exec("select pg_sleep(60)"));
  canceller.join();
  const auto report = telemetry.recorder().collect().call_reports.at(0);
  CHECK(report->reason == report_reason::cancelled);
  CHECK(report->error_type == "57014");
}

TEST_CASE_METHOD(fixture, "a server that stops answering leaves a call that is reported as running",
                 "[postgres]") {
  recorder& recorder = telemetry.recorder();
  query_watch watch{recorder, {.interval = 1h}};
  const int backend = db.native().backendpid();
  REQUIRE(kill(backend, SIGSTOP) == 0);
  const auto line = static_cast<std::uint32_t>(__LINE__) + 1;
  std::thread caller{[&] { postgres::nontransaction{db}.exec("select 1 as stopped"); }};
  CHECK(became_true([&] { return !recorder.collect().active.empty(); }));
  telemetry.time().advance(200ms);
  watch.look();
  const auto reports = recorder.collect().call_reports;
  kill(backend, SIGCONT);
  caller.join();
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]->reason == report_reason::running);
  CHECK(reports[0]->statement->text == "select ? as stopped");
  CHECK(reports[0]->duration == 200ms);
  CHECK(reports[0]->phases[phase::execute] == reports[0]->duration);
  CHECK(reports[0]->site.line == line);
  CHECK(recorder.collect().call_reports.front()->reason == report_reason::slow);
}

TEST_CASE("every way to call names its line, without a line being passed", "[postgres]") {
  recorder recorder{{.service_name = "test"}};
  postgres::connection db{
      recorder, postgres_server::shared().connection_string(), {.slow_threshold = 1ns}};
  db.prepare("number", "select $1::int");
  postgres::nontransaction session{db};
  const auto site = [&] { return recorder.collect().call_reports.at(0)->site; };
  const auto line = static_cast<std::uint32_t>(__LINE__);
  session.exec_params("select $1::int, 1", 7);
  CHECK(site().line == line + 1);
  session.exec_prepared("number", 7);
  CHECK(site().line == line + 3);
  session.exec(std::string{"select 2"});
  CHECK(site().line == line + 5);
  session.exec("select 3");
  CHECK(site().line == line + 7);
  CHECK_THAT(site().file, Catch::EndsWith("postgres_test.cpp"));
}

TEST_CASE("values are described by kind and size, a null pointer as null", "[postgres]") {
  recorder recorder{{.service_name = "test"}};
  postgres::connection db{recorder,
                          postgres_server::shared().connection_string(),
                          {.slow_threshold = 1ns, .describe_parameters = true}};
  const char* const none = nullptr;
  postgres::nontransaction{db}.exec_params("select $1::float8, $2::text, $3::int, $4::text", 0.03,
                                           "canary-value", 7, none);
  CHECK(recorder.collect().call_reports.at(0)->parameters == "real, text(12), integer, null");
}

TEST_CASE("bytes and lists of values are described and compared; what cannot be read is not",
          "[postgres]") {
  recorder recorder{{.service_name = "test", .slow_request = 0ns}};  // every request has a report
  postgres::connection db{recorder,
                          postgres_server::shared().connection_string(),
                          {.slow_threshold = 1ns, .describe_parameters = true}};
  postgres::nontransaction session{db};
  const std::vector<std::string> words{"a", "bc"};
  std::string sent;
  {
    request chat{recorder, "POST /chat"};
    const auto send = [&](const char* sql, const auto&... values) {
      session.exec_params(sql, values...);
      sent += recorder.collect().call_reports.at(0)->parameters + '\n';
    };
    for (const char* bytes : {"zebra", "zebra", "lions"}) {
      send("select $1::bytea", pqxx::binarystring{bytes, 5});
    }
    for (int i = 0; i < 2; ++i) {
      send("select $1::text, $2::text, $3::int", pqxx::prepare::make_dynamic_params(words), 7);
    }
    for (int i = 0; i < 2; ++i) {
      std::istringstream numbers{"3 4"};  // can be read once, and that is for libpqxx
      send("select $1::int, $2::int",
           pqxx::prepare::make_dynamic_params(std::istream_iterator<int>{numbers},
                                              std::istream_iterator<int>{}));
    }
  }
  CHECK(sent ==
        "blob(5)\nblob(5)\nblob(5)\n"
        "text(1), text(2), integer\ntext(1), text(2), integer\n"
        "unknown\nunknown\n");
  const auto requests = recorder.collect().requests;
  REQUIRE(requests.size() == 1);
  std::set<std::string> repeated;
  for (const auto& share : requests[0]->statements) {
    repeated.insert(share.statement->text + ": " + std::to_string(share.duplicates));
  }
  CHECK(repeated == std::set<std::string>{"select ?::bytea: 1",
                                          "select ?::text, ?::text, ?::int: 1",
                                          "select ?::int, ?::int: 0"});
}

TEST_CASE("a call that runs into its lock_timeout spent all of its time in lock_wait",
          "[postgres]") {
  recorder recorder{{.service_name = "test"}};
  querytap::testing::postgres_client client{recorder};
  CHECK_THROWS(
      client.meet(querytap::testing::conformance::trouble::lock, code_location::current()));
  const auto report = recorder.collect().call_reports.at(0);
  CHECK(report->error_type == "55P03");
  CHECK(report->phases[phase::lock_wait] == report->duration);
  CHECK(report->phases[phase::execute] == 0ns);
}

TEST_CASE(
    "two connections that idle in a transaction are shown with their sessions, and are a finding "
    "each",
    "[postgres]") {
  capture telemetry;
  const std::string server = postgres_server::shared().connection_string();
  pool<postgres::connection> connections{
      telemetry.recorder(), {.name = "documents", .maximum = 2}, [&] {
        return std::make_unique<postgres::connection>(telemetry.recorder(), server);
      }};
  pool<pqxx::connection> bare{telemetry.recorder(), {.name = "bare"}, [&] {
                                return std::make_unique<pqxx::connection>(server);
                              }};
  const auto first = connections.acquire();
  const auto second = connections.acquire();
  const auto third = bare.acquire();
  postgres::work transaction{*first};
  postgres::work other{*second};
  const int session = transaction.exec("select pg_backend_pid()")[0][0].as<int>();
  telemetry.time().advance(45s);
  const snapshot shown = telemetry.recorder().collect();
  REQUIRE(shown.pools.size() == 2);
  REQUIRE(shown.pools[0].leases.size() == 2);
  CHECK(shown.pools[0].leases[0].server_pid == static_cast<std::uint32_t>(session));
  CHECK(shown.pools[0].leases[1].server_pid == static_cast<std::uint32_t>(second->server_pid()));
  CHECK(shown.pools[1].leases.at(0).server_pid == static_cast<std::uint32_t>(third->backendpid()));
  std::size_t held = 0;
  for (const auto& found : shown.findings) {
    if (found->kind == finding_kind::connection_held) ++held;
  }
  CHECK(held == 3);
}
