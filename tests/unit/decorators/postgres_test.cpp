// libpqxx behaves as it always does, on a real server, and every statement is counted once, with
// its rows and the SQLSTATE that it ended with, also when the server goes away in the middle.

#include <querytap/decorators/postgres.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/testing/capture.hpp>
#include <support/exported.hpp>
#include <support/postgres_server.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <thread>

// libpqxx 6.4 loses the result that tells it of a broken connection.
// NOLINTNEXTLINE(bugprone-reserved-identifier, readability-identifier-naming)
extern "C" const char* __lsan_default_suppressions() { return "leak:libpqxx"; }

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::lines_up_to;
using querytap::testing::postgres_server;
using querytap::testing::without;

struct fixture {
  capture telemetry;
  postgres_server& server = postgres_server::shared();
  postgres::connection db{telemetry.recorder(), server.connection_string()};

  /// Which operations there were, how they ended and how often; the clock stands still.
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
  const auto deadline = std::chrono::steady_clock::now() + 30s;
  while (observer.exec("select 1 from pg_stat_activity where wait_event = 'PgSleep'").empty() &&
         std::chrono::steady_clock::now() < deadline) {
  }
}

/// As an administrator would, from another session.
void kill(postgres_server& server, int backend) {
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
        "EXECUTE unknown error.type=argument_error count=1\n"
        "select generate_series count=2");
  CHECK(rows() == "select generate_series count=2 sum=3 (0,0]=1 (2,3]=1");
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
    kill(server, backend);
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
  kill(server, db.native().backendpid());
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
        "db.system.name=postgresql querytap.phase=connect count=2 sum=0 (0,0]=2");
}

TEST_CASE("a real query takes the time that it takes", "[postgres]") {
  recorder telemetry;
  postgres::connection db{telemetry, postgres_server::shared().connection_string()};
  postgres::nontransaction{db}.exec("select pg_sleep(0.05)");

  const auto points = telemetry.collect().find("db.client.operation.duration");
  REQUIRE(points.size() == 1);
  CHECK(points[0].histogram->count() == 1);
  CHECK(points[0].histogram->sum() >= 50'000'000);
  CHECK(points[0].histogram->sum() < 5'000'000'000);
}

TEST_CASE_METHOD(fixture, "connections are pooled, and a lost one is replaced", "[postgres]") {
  pool<postgres::connection> connections{
      telemetry.recorder(),
      {.name = "documents", .maximum = 1},
      [&] {
        return std::make_unique<postgres::connection>(telemetry.recorder(),
                                                      server.connection_string());
      },
      [](postgres::connection& c) { return c.native().is_open(); }};

  int first = 0;
  {
    const auto lease = connections.acquire();
    first = lease->native().backendpid();
    postgres::nontransaction session{*lease};
    CHECK_THROWS_AS(session.exec("select pg_terminate_backend(pg_backend_pid())"),
                    pqxx::broken_connection);
  }
  const auto lease = connections.acquire();
  CHECK(lease->native().backendpid() != first);
  CHECK(telemetry.text("db.client.connection.count") ==
        "db.client.connection.pool.name=documents db.client.connection.state=idle value=0\n"
        "db.client.connection.pool.name=documents db.client.connection.state=used value=1");
  CHECK(telemetry.text("db.client.connection.create_time") ==
        "db.client.connection.pool.name=documents count=2 sum=0 (0,0]=2");
}

TEST_CASE("neither password nor literals nor parameters are in what is recorded", "[postgres]") {
  capture telemetry;
  const std::string address = postgres_server::shared().connection_string();
  CHECK_THROWS_AS((postgres::connection{telemetry.recorder(),
                                        address + " dbname=missing password=canary-password"}),
                  pqxx::broken_connection);
  postgres::connection db{telemetry.recorder(),
                          address + " password=canary-password application_name=canary-name"};
  postgres::nontransaction session{db};
  session.exec("create temporary table t(a text unique)");
  session.exec("insert into t values ('canary-literal'), ($$canary-dollar$$)");
  CHECK_THROWS(session.exec_params("insert into t values ($1)", "canary-literal"));
  CHECK_THROWS(session.exec("select 'canary-syntax' frm t where"));
  CHECK_THROWS(session.exec("do $$ begin raise 'canary-raised'; end $$"));

  for (const std::string& exported :
       querytap::testing::exported_texts(telemetry.recorder().collect())) {
    CAPTURE(exported);
    CHECK(exported.find("canary-") == std::string::npos);
  }
}
