// What the collector and the probe of a PostgreSQL server take of that server's time.

#include <querytap/testing/manual_clock.hpp>
#include <support/postgres_server.hpp>
#include <unit/servers/postgres/postgres_commands.hpp>
#include <unit/servers/postgres/postgres_health.hpp>
#include <unit/servers/postgres/postgres_numbers.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <string>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::as_user;
using querytap::testing::collect_from;
using querytap::testing::execute;
using querytap::testing::look_at;
using querytap::testing::number_of;
using querytap::testing::postgres_server;

namespace {

void make_tables(pqxx::connection& db, int count) {
  execute(db,
          fmt::format("do $$ begin for i in 1..{} loop "
                      "execute format('create table many_%s(id int primary key, owner text)', i); "
                      "execute format('create index on many_%s(owner)', i); "
                      "execute format('insert into many_%s values (1, %L)', i, i); "
                      "end loop; end $$",
                      count));
}

// Each has a shape of its own: a table, and a number of conditions.
void execute_statements(pqxx::connection& db, int count, int tables) {
  std::string batch;
  for (int i = 0; i < count; ++i) {
    std::string conditions;
    for (int more = 0; more < i / tables; ++more) conditions += " and id <> 5";
    batch += fmt::format("select owner from many_{} where id = 7{};", i % tables + 1, conditions);
    if (batch.size() < 20'000 && i + 1 < count) continue;
    execute(db, batch);
    batch.clear();
  }
}

}  // namespace

TEST_CASE(
    "on a server with 1,000 tables and 5,000 statements the collector takes little of its time",
    "[postgres_cost]") {
  postgres_server server{
      {.settings = {"shared_preload_libraries=pg_stat_statements",
                    "pg_stat_statements.track_planning=on", "max_locks_per_transaction=256"}}};
  pqxx::connection db{server.connection_string()};
  execute(db, "create extension pg_stat_statements");
  execute(db, "create role watcher login in role pg_monitor");
  make_tables(db, 1000);
  execute_statements(db, 4800, 1000);

  manual_clock time;
  postgres_collector source{{.connection_string = as_user(server, "watcher"), .time = &time}};
  postgres_probe probe{{.connection_string = as_user(server, "watcher")}};
  const collected first = collect_from(source);
  CHECK(number_of(first, "postgresql.table.count", {{"postgresql.database.name", "postgres"}}) ==
        1000.0);
  CHECK(number_of(first, "postgresql.statement.count") > 4500.0);
  CHECK(first.statements().size() == 1000);

  // Five minutes at the default intervals, in which everything is due once at least.
  constexpr int minutes = 5;
  execute(db,
          "select pg_stat_statements_reset("
          "(select oid from pg_authid where rolname = 'watcher'))");
  for (int i = 0; i < minutes * 4; ++i) {
    time.advance(15s);
    static_cast<void>(collect_from(source));
    CHECK(testing::worst_of(look_at(probe)) == "pass");
  }
  const auto spent =
      execute(db,
              "select sum(total_exec_time + total_plan_time) from pg_stat_statements "
              "where toplevel and userid = (select oid from pg_authid where rolname = 'watcher')");
  const double milliseconds_per_second = spent[0][0].as<double>() / (minutes * 60);
  CHECK(milliseconds_per_second > 0.05);
  CHECK(milliseconds_per_second < 10);
}
