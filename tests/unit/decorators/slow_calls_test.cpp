// On real servers: what sleeps, waits for a lock, runs out of time, is cancelled or gets no answer is told
// with the right class, phase and line; and nothing of its values is.

#include <calls/reports/report_hub.hpp>
#include <querytap/calls/request.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/decorators/sqlite.hpp>
#include <querytap/recording/recorder.hpp>
#include <support/child_process.hpp>
#include <support/postgres_server.hpp>

#include <catch2/catch.hpp>

#include <signal.h>

#include <chrono>
#include <string>
#include <thread>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::postgres_server;
using querytap::testing::temporary_folder;

namespace {

constexpr auto this_file = "slow_calls_test.cpp";

struct real_postgres {
  recorder telemetry{{.service_name = "test"}};
  postgres_server& server = postgres_server::shared();
  postgres::connection db{telemetry, server.connection_string(), {.slow_threshold = 20ms}};
  postgres::nontransaction session{db};

  /// The call of this class that was told last.
  call_report reported(report_reason what) {
    for (const auto& one : telemetry.collect().call_reports) {
      if (one->reason == what) return *one;
    }
    FAIL("no call is told as " << to_string(what));
    return {};
  }
  void until(const std::string& condition) {
    pqxx::connection observer{server.connection_string()};
    pqxx::nontransaction look{observer};
    const auto deadline = std::chrono::steady_clock::now() + 30s;
    while (look.exec("select 1 where " + condition).empty()) {
      REQUIRE(std::chrono::steady_clock::now() < deadline);
    }
  }
};

}  // namespace

TEST_CASE_METHOD(real_postgres, "a query that sleeps is slow, in the phase execute",
                 "[slow_calls]") {
  const auto line = static_cast<std::uint32_t>(__LINE__) + 1;
  session.exec("select pg_sleep(0.03), 'canary'");
  const call_report one = reported(report_reason::slow);
  CHECK(one.statement->text == "select pg_sleep(?), ?");
  CHECK(one.duration >= 30ms);
  CHECK(one.phases[phase::execute] == one.duration);
  CHECK(one.rows == 1);
  CHECK(one.server_address == "127.0.0.1");
  CHECK(one.server_port == server.port());
  CHECK_THAT(one.site.file, Catch::EndsWith(this_file));
  CHECK(one.site.line == line);
}

TEST_CASE_METHOD(real_postgres, "every way to call names its line", "[slow_calls]") {
  db.prepare("sleep", "select pg_sleep($1)");
  const auto line = static_cast<std::uint32_t>(__LINE__);
  session.exec_params("select pg_sleep($1), 1", 0.03);
  CHECK(reported(report_reason::slow).site.line == line + 1);
  session.exec_prepared("sleep", 0.03);
  CHECK(reported(report_reason::slow).site.line == line + 3);
  session.exec(std::string{"select pg_sleep(0.03), 2"});
  CHECK(reported(report_reason::slow).site.line == line + 5);
}

TEST_CASE_METHOD(real_postgres, "a query killed by statement_timeout is told as timed out",
                 "[slow_calls]") {
  session.exec("set statement_timeout = '30ms'");
  CHECK_THROWS(session.exec("select pg_sleep(10), 'canary'"));
  const call_report one = reported(report_reason::timeout);
  CHECK(one.error_type == "57014");
  CHECK(one.status_code == "57014");
  CHECK(one.phases[phase::execute] >= 20ms);
  CHECK(one.statement->text == "select pg_sleep(?), ?");
}

TEST_CASE_METHOD(real_postgres, "a query that somebody cancels is told as cancelled",
                 "[slow_calls]") {
  const int backend = db.native().backendpid();
  std::thread canceller{[&] {
    until("exists (select from pg_stat_activity where wait_event = 'PgSleep' and pid = " +
          std::to_string(backend) + ')');
    pqxx::connection administrator{server.connection_string()};
    pqxx::nontransaction{administrator}.exec_params("select pg_cancel_backend($1)", backend);
  }};
  CHECK_THROWS(session.exec("select pg_sleep(10)"));
  canceller.join();
  CHECK(reported(report_reason::cancelled).error_type == "57014");
}

TEST_CASE_METHOD(real_postgres,
                 "a query that waits for a lock in vain spent its time waiting for it",
                 "[slow_calls]") {
  session.exec("create table if not exists locked_table(id int)");
  pqxx::connection other{server.connection_string()};
  pqxx::work holder{other};
  holder.exec("lock table locked_table in access exclusive mode");
  session.exec("set lock_timeout = '30ms'");
  CHECK_THROWS(session.exec("select id from locked_table"));
  const call_report one = reported(report_reason::timeout);
  CHECK(one.error_type == "55P03");
  CHECK(one.phases[phase::lock_wait] == one.duration);
  CHECK(one.phases[phase::execute] == 0ns);
}

TEST_CASE_METHOD(real_postgres,
                 "a server that stops answering leaves a call that is told as running",
                 "[slow_calls]") {
  const int backend = db.native().backendpid();
  auto* const log = &telemetry.part<querytap::detail::report_hub>();
  REQUIRE(kill(backend, SIGSTOP) == 0);
  std::thread caller{[&] { session.exec("select 1 as stopped"); }};
  const auto deadline = std::chrono::steady_clock::now() + 10s;
  const auto is_told = [&] {
    log->report_running();
    return !telemetry.collect().call_reports.empty();
  };
  while (!is_told() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(1ms);
  }
  kill(backend, SIGCONT);
  caller.join();
  const call_report running = reported(report_reason::running);
  CHECK(running.statement->text == "select ? as stopped");
  CHECK(running.duration < 1s);
  CHECK(running.phases[phase::execute] == running.duration);
  CHECK_THAT(running.site.file, Catch::EndsWith(this_file));
  CHECK(reported(report_reason::slow).duration >= running.duration);
}

TEST_CASE_METHOD(real_postgres, "a connection that is lost in the middle is told as an error",
                 "[slow_calls]") {
  const int backend = db.native().backendpid();
  std::thread killer{[&] {
    until("exists (select from pg_stat_activity where wait_event = 'PgSleep' and pid = " +
          std::to_string(backend) + ')');
    pqxx::connection administrator{server.connection_string()};
    pqxx::nontransaction{administrator}.exec_params("select pg_terminate_backend($1)", backend);
  }};
  CHECK_THROWS(session.exec("select pg_sleep(10)"));
  killer.join();
  CHECK(reported(report_reason::error).error_type == "broken_connection");
}

TEST_CASE_METHOD(real_postgres, "parameters are told by kind and size where that is asked for",
                 "[slow_calls]") {
  postgres::connection describing{
      telemetry, server.connection_string(), {.slow_threshold = 20ms, .describe_parameters = true}};
  postgres::nontransaction calls{describing};
  const char* const none = nullptr;
  calls.exec_params("select pg_sleep($1), $2::text, $3::int, $4::text", 0.03, "canary-value", 7,
                    none);
  CHECK(reported(report_reason::slow).parameters == "real, text(12), integer, null");
}

TEST_CASE_METHOD(real_postgres,
                 "the same query with the same parameters in a request is a duplicate",
                 "[slow_calls]") {
  session.exec("create table if not exists people(id int, name text)");
  {
    request one{telemetry, "GET /people"};
    for (const int id : {1, 2, 1}) session.exec_params("select name from people where id = $1", id);
    // In the text, literals are parameters too.
    for (const char* id : {"1", "2", "1"}) {
      session.exec("select id from people where id = " + std::string{id});
    }
  }
  const auto found = telemetry.collect().findings;
  REQUIRE(found.size() == 2);
  for (const auto& one : found) {
    CHECK(one->kind == finding_kind::duplicate);
    CHECK(one->calls == 1);
    CHECK_THAT(one->site.file, Catch::EndsWith(this_file));
  }
}

TEST_CASE("SQLite that waits for another's lock tells so, whether it gets it or not",
          "[slow_calls]") {
  const temporary_folder folder;
  const std::string file = (folder.path() / "test.db").string();
  recorder telemetry{{.service_name = "test"}};
  sqlite::connection first{telemetry, file};
  sqlite::connection second{telemetry, file, {.busy_timeout = 60ms, .slow_threshold = 20ms}};
  first.exec("create table t(a); begin immediate");
  CHECK_THROWS_AS(second.exec("insert into t values ('canary')"), sqlite::error);
  const auto failed = *telemetry.collect().call_reports.front();
  CHECK(failed.reason == report_reason::timeout);
  CHECK(failed.error_type == "5");
  CHECK(failed.phases[phase::lock_wait] >= 50ms);
  CHECK(failed.phases.total() == failed.duration);
  CHECK(failed.statement->text == "insert into t values (?)");

  std::thread releaser{[&] {
    std::this_thread::sleep_for(30ms);  // while the other waits
    first.exec("commit");
  }};
  const auto line = static_cast<std::uint32_t>(__LINE__) + 1;
  second.exec("insert into t values ('canary')");
  releaser.join();
  const auto slow = *telemetry.collect().call_reports.front();
  CHECK(slow.reason == report_reason::slow);
  CHECK(slow.phases[phase::lock_wait] >= 20ms);
  CHECK(slow.site.line == line);
}

TEST_CASE("each way to run a statement of SQLite names its line, and what its plan cost",
          "[slow_calls]") {
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
  CHECK(scanned.rows == 1);
}
