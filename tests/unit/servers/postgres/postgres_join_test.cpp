// Of fifty statements that two clients execute on a real PostgreSQL, each is shown with the calls that the application
// made and those that the server counted, and where they differ the other client is named.

#include <querytap/decorators/postgres.hpp>
#include <querytap/query/identify.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/servers/postgres/postgres_collector.hpp>
#include <querytap/servers/postgres/postgres_probe.hpp>
#include <querytap/servers/postgres/postgres_write_probe.hpp>
#include <querytap/testing/capture.hpp>
#include <support/postgres_server.hpp>

#include <catch2/catch.hpp>

#include <cmath>
#include <map>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::postgres_server;

constexpr int many_statements = 50;

std::string statement_number(int number) {
  return "select c" + std::to_string(number) + " from wide where id = $1";
}

int calls_of_application(int number) { return number % 7 + 1; }
int calls_of_other_client(int number) { return number % 2 == 0 ? 0 : number % 5 + 1; }

void make_table(pqxx::connection& db) {
  pqxx::nontransaction session{db};
  session.exec("create extension if not exists pg_stat_statements");
  std::string columns;
  for (int i = 0; i < many_statements; ++i)
    columns += ", c" + std::to_string(i) + " integer default 0";
  session.exec("drop table if exists wide; create table wide(id integer primary key" + columns +
               ")");
  session.exec("insert into wide(id) values (1), (2), (3)");
}

/// Calls and milliseconds as the server has them, by the fingerprint of its text.
std::map<std::uint64_t, std::pair<std::uint64_t, double>> counted_by_server(pqxx::connection& db) {
  std::map<std::uint64_t, std::pair<std::uint64_t, double>> counted;
  pqxx::nontransaction session{db};
  for (const auto& row :
       session.exec("select query, calls, total_exec_time from pg_stat_statements where query like "
                    "'select c% from wide%'")) {
    auto& [calls, time] =
        counted[identify(row[0].as<std::string>(), dialect::postgresql).fingerprint];
    calls += row[1].as<std::uint64_t>();
    time += row[2].as<double>();
  }
  return counted;
}

}  // namespace

TEST_CASE("fifty statements of two clients are the server's numbers and the application's",
          "[postgres]") {
  const postgres_server& server = postgres_server::shared();
  pqxx::connection other{server.connection_string()};
  make_table(other);
  recorder telemetry{{.service_name = "chatbot"}};
  manual_clock time;
  collectors sources{telemetry,
                     {.sources = {std::make_shared<postgres_collector>(postgres_collector_options{
                          .connection_string = server.connection_string(), .time = &time})}}};
  sources.ask_now();
  const auto before = counted_by_server(other);

  postgres::connection db{telemetry, server.connection_string()};
  for (int i = 0; i < many_statements; ++i) {
    postgres::work session{db};
    for (int call = 0; call < calls_of_application(i); ++call) {
      session.exec_params(statement_number(i), 1 + call % 3);
    }
    session.commit();
    pqxx::work other_session{other};
    for (int call = 0; call < calls_of_other_client(i); ++call) {
      other_session.exec_params(statement_number(i), 2);
    }
  }
  time.advance(61s);
  sources.ask_now();

  std::map<std::uint64_t, joined_statement> joined;
  for (const auto& source : telemetry.collect().sources) {
    for (const joined_statement& row : source->statements) {
      if (row.server.statement == nullptr) continue;  // what the application has not called
      joined.emplace(row.server.statement->fingerprint, row);
    }
  }
  auto after = counted_by_server(other);
  for (int i = 0; i < many_statements; ++i) {
    INFO(statement_number(i));
    const std::uint64_t fingerprint =
        identify(statement_number(i), dialect::postgresql).fingerprint;
    REQUIRE(joined.contains(fingerprint));
    const joined_statement& row = joined.at(fingerprint);
    CHECK(row.client_calls == static_cast<std::uint64_t>(calls_of_application(i)));
    CHECK(row.server.calls ==
          static_cast<std::uint64_t>(calls_of_application(i) + calls_of_other_client(i)));
    const auto earlier = before.find(fingerprint);
    const auto [calls_before, time_before] =
        earlier == before.end() ? std::pair<std::uint64_t, double>{} : earlier->second;
    CHECK(row.server.calls == after[fingerprint].first - calls_before);
    const double milliseconds = after[fingerprint].second - time_before;
    CHECK(std::abs(static_cast<double>(row.server.time.count()) * 1e-6 - milliseconds) < 1e-3);
    CHECK(row.server.rows == row.server.calls);
    CHECK(row.server.database == "postgres");
    CHECK(row.client_time > 0ns);
    const std::string of_others = "other clients made " + std::to_string(calls_of_other_client(i)) +
                                  " or more of the server's calls";
    CHECK(row.remark == (calls_of_other_client(i) == 0 ? "" : of_others));
  }
}

TEST_CASE("what a collector and probes ask a PostgreSQL is no other client's", "[postgres]") {
  const postgres_server server{{.settings = {"shared_preload_libraries=pg_stat_statements"}}};
  pqxx::connection other{server.connection_string()};
  pqxx::nontransaction{other}.exec("create extension if not exists pg_stat_statements");
  recorder telemetry{{.service_name = "chatbot"}};
  manual_clock time;
  collectors sources{telemetry,
                     {.sources = {std::make_shared<postgres_collector>(postgres_collector_options{
                          .connection_string = server.connection_string(), .time = &time})}}};
  postgres_probe probe{{.connection_string = server.connection_string()}};
  postgres_write_probe writes{{.connection_string = server.connection_string()}};
  sources.ask_now();
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(probe.look(std::chrono::steady_clock::now() + 10s));
    static_cast<void>(writes.look(std::chrono::steady_clock::now() + 10s));
    time.advance(301s);
    sources.ask_now();
  }
  const auto sources_now = telemetry.collect().sources;
  REQUIRE(sources_now.size() == 1);
  REQUIRE(sources_now[0]->statements.size() == 1);
  CHECK(sources_now[0]->statements[0].remark == "querytap's own questions");
  CHECK(sources_now[0]->statements[0].server.calls > 50);
}

namespace {

/// An application whose statements one collector sees.
struct joined_application {
  joined_application() { sources.ask_now(); }

  void call(const std::string& statement, int times) {
    postgres::nontransaction session{db};
    for (int i = 0; i < times; ++i) session.exec(statement);
  }
  /// By their text, such as `5 of 7: other clients made …`.
  std::map<std::string, std::string> rows() {
    time.advance(61s);
    sources.ask_now();
    std::map<std::string, std::string> texts;
    for (const joined_statement& row : telemetry.collect().sources.at(0)->statements) {
      if (row.server.statement == nullptr) continue;
      texts[row.server.statement->text] =
          std::to_string(row.client_calls) + " of " + std::to_string(row.server.calls) + row.remark;
    }
    return texts;
  }

  const postgres_server& server = postgres_server::shared();
  recorder telemetry{{.service_name = "chatbot"}};
  manual_clock time;
  collectors sources{telemetry,
                     {.sources = {std::make_shared<postgres_collector>(postgres_collector_options{
                          .connection_string = server.connection_string(), .time = &time})}}};
  postgres::connection db{telemetry, server.connection_string()};
};

}  // namespace

TEST_CASE("statements that functions execute are none of those that clients send", "[postgres]") {
  pqxx::connection other{postgres_server::shared().connection_string()};
  make_table(other);
  pqxx::nontransaction{other}.exec(
      "create or replace function read_by_function() returns integer language plpgsql as $$ "
      "declare found_there integer; begin "
      "execute 'select c48 from wide where id = 1' into found_there; return found_there; end $$");
  joined_application application;
  application.call("set pg_stat_statements.track = 'all'", 1);
  application.call("select c48 from wide where id = 1", 5);
  application.call("select read_by_function()", 7);
  auto rows = application.rows();
  CHECK(rows["select c48 from wide where id = ?"] == "5 of 5");
  CHECK(rows["select read_by_function()"] == "7 of 7");
}

TEST_CASE("a statement that is called more often after a reset than before has lost nothing",
          "[postgres]") {
  pqxx::connection other{postgres_server::shared().connection_string()};
  make_table(other);
  joined_application application;
  application.call("select c47 from wide where id = 1", 5);
  CHECK(application.rows()["select c47 from wide where id = ?"] == "5 of 5");
  pqxx::nontransaction{other}.exec("select pg_stat_statements_reset()");
  application.call("select c47 from wide where id = 1", 9);
  CHECK(application.rows()["select c47 from wide where id = ?"] == "14 of 14");
}
