// A PostgreSQL server's own view has the server's numbers, names what it cannot see, and is bounded.

#include <querytap/base/error.hpp>
#include <querytap/decorators/postgres.hpp>
#include <querytap/query/identify.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/snapshot.hpp>
#include <querytap/testing/manual_clock.hpp>
#include <servers/postgres/database_objects.hpp>
#include <servers/postgres/postgres_instruments.hpp>
#include <support/child_process.hpp>
#include <support/pgbouncer.hpp>
#include <support/pglite_server.hpp>
#include <support/postgres_server.hpp>
#include <support/wait.hpp>
#include <unit/servers/postgres/postgres_commands.hpp>
#include <unit/servers/postgres/postgres_health.hpp>
#include <unit/servers/postgres/postgres_numbers.hpp>

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <future>
#include <iterator>
#include <optional>
#include <set>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::as_user;
using querytap::testing::became_true;
using querytap::testing::collect_from;
using querytap::testing::execute;
using querytap::testing::faults_of_series;
using querytap::testing::lacking_reason;
using querytap::testing::number_of;
using querytap::testing::postgres_server;

namespace {

postgres_server& busy_server() {
  static postgres_server instance{
      {.settings = {"shared_preload_libraries=pg_stat_statements", "track_io_timing=on",
                    "wal_level=logical", "autovacuum=off"}}};
  return instance;
}

const attributes of_postgres{{"postgresql.database.name", "postgres"}};

attributes of_table(std::string_view table) {
  return {{"postgresql.database.name", "postgres"},
          {"postgresql.schema.name", table == "_OTHER" ? "_OTHER" : "public"},
          {"postgresql.table.name", table}};
}

attributes also(attributes labels, std::string_view key, std::string_view value) {
  labels.set({key, value});
  return labels;
}

struct postgres_source {
  postgres_source() {
    execute(db, "create extension if not exists pg_stat_statements");
    execute(db, "select pg_stat_statements_reset()");
  }

  /// When all parts are due again.
  collected collect_later(postgres_collector& source,
                          std::chrono::milliseconds within = std::chrono::seconds{10}) {
    time.advance(1h);
    return collect_from(source, within);
  }

  manual_clock time;
  postgres_server& server = busy_server();
  pqxx::connection db{server.connection_string()};
  postgres_collector_options options{.connection_string = server.connection_string(),
                                     .time = &time};
};

/// Processor time in user and system mode, and what was read and written.
std::array<double, 4> counted_by_kcache(pqxx::connection& db) {
  const auto sums = execute(db,
                            "select sum(exec_user_time), sum(exec_system_time), sum(exec_reads), "
                            "sum(exec_writes) from pg_stat_kcache where datname = 'postgres'");
  return {sums[0][0].as<double>(), sums[0][1].as<double>(), sums[0][2].as<double>(),
          sums[0][3].as<double>()};
}

const server_statement* statement_in(const collected& found, std::string_view sql,
                                     std::string_view database = "postgres") {
  const auto wanted = identify(sql, dialect::postgresql).fingerprint;
  const auto known = std::ranges::find_if(found.statements(), [&](const auto& statement) {
    return statement.statement->fingerprint == wanted && statement.database == database;
  });
  return known == found.statements().end() ? nullptr : &*known;
}

}  // namespace

TEST_CASE_METHOD(postgres_source, "counters of a database are the server's",
                 "[postgres_collector]") {
  execute(db, "create table counted(id int primary key)");
  execute(db, "insert into counted select generate_series(1, 500)");
  execute(db, "select pg_stat_force_next_flush()");
  const auto theirs = execute(db,
                              "select xact_rollback, tup_inserted, deadlocks, numbackends "
                              "from pg_stat_database where datname = 'postgres'");
  postgres_collector source{options};
  const collected found = collect_later(source);
  CHECK(number_of(found, "postgresql.rollbacks", of_postgres) == theirs[0][0].as<double>());
  CHECK(number_of(found, "postgresql.tup_inserted", of_postgres) >= 500.0);
  CHECK(number_of(found, "postgresql.deadlocks", of_postgres) == 0.0);
  CHECK(number_of(found, "postgresql.backends", of_postgres) == theirs[0][3].as<double>() + 1);
  CHECK(number_of(found, "postgresql.connection.max") == 40.0);
  CHECK(number_of(found, "postgresql.setting", {{"postgresql.setting.name", "shared_buffers"}}) ==
        16.0 * (1 << 20));
  CHECK(number_of(found, "postgresql.setting",
                  {{"postgresql.setting.name", "autovacuum_vacuum_scale_factor"}}) == 0.2);
  CHECK(number_of(found, "postgresql.db_size", of_postgres) > 1e6);
  CHECK(number_of(found, "postgresql.session.count", also(of_postgres, "state", "idle")) >= 1.0);
  CHECK(number_of(found, "postgresql.session.count",
                  also(of_postgres, "state", "idle in transaction")) == 0.0);
  execute(db, "drop table counted");
}

TEST_CASE_METHOD(postgres_source,
                 "every series has the labels that its instrument names, and is there once",
                 "[postgres_collector]") {
  execute(db, "create table labelled(id int primary key)");
  postgres_collector source{options};
  const collected found = collect_later(source);
  std::set<std::string> seen;
  for (const collected::number& number : found.numbers()) {
    const auto& allowed = number.instrument->attributes;
    for (const attribute& label : number.labels) {
      INFO(number.instrument->name << ' ' << label.key);
      CHECK(std::ranges::find(allowed, label.key) != allowed.end());
    }
    INFO(number.instrument->name << ' ' << to_string(number.labels));
    CHECK(seen.insert(fmt::format("{} {}", number.instrument->name, to_string(number.labels)))
              .second);
    CHECK(number.labels.find("db.system.name") != nullptr);
  }
  CHECK(found.numbers().size() > 150);
  execute(db, "drop table labelled");
}

TEST_CASE("instruments have a unit, a description and names of their own", "[postgres_collector]") {
  std::set<std::string_view> names;
  for (const instrument* known : catalog::postgres::all) {
    INFO(known->name);
    CHECK(names.insert(known->name).second);
    CHECK(known->name.substr(0, 11) == "postgresql.");
    CHECK_FALSE(known->unit.empty());
    CHECK(known->description.ends_with('.'));
    CHECK(known->attributes.size() >= 3);
  }
}

TEST_CASE_METHOD(postgres_source, "statements are those of the application, entries of one are one",
                 "[postgres_collector]") {
  execute(db, "create table asked(id int primary key, body text)");
  execute(db, "insert into asked select i, 'canary' from generate_series(1, 100) i");
  execute(db, "select pg_stat_statements_reset()");
  for (int i = 0; i < 7; ++i) execute(db, fmt::format("select body from asked where id = {}", i));
  execute(db, "select body from asked where id in (1, 2)");
  execute(db, "select body from asked where id in (1, 2, 3)");
  postgres_collector source{options};
  const collected found = collect_later(source);
  const server_statement* by_id = statement_in(found, "select body from asked where id = 42");
  REQUIRE(by_id != nullptr);
  CHECK(by_id->calls == 7);
  CHECK(by_id->rows == 6u);
  CHECK(by_id->time > 0ns);
  CHECK(by_id->blocks_hit.value() > 0);
  CHECK(by_id->spilled_bytes == 0u);
  const server_statement* by_list = statement_in(found, "select body from asked where id in (5)");
  REQUIRE(by_list != nullptr);
  CHECK(by_list->calls == 2);
  CHECK(by_list->rows == 5u);
  // Of commands such as this the server retains the text with its values.
  execute(db, "create role secretive password 'canary'");
  execute(db, "drop role secretive");
  const collected with_secret = collect_later(source);
  CHECK(statement_in(with_secret, "create role secretive password 'other'") != nullptr);
  for (const server_statement& statement : with_secret.statements()) {
    CHECK(statement.statement->text.find("canary") == std::string::npos);
    CHECK(statement.statement->summary.find("canary") == std::string::npos);
  }
  execute(db, "select body from asked where id = 43");
  const collected later = collect_later(source);
  CHECK(statement_in(later, "select body from asked where id = 42")->calls == 8);
  CHECK(number_of(later, "postgresql.query.calls", of_postgres) >
        number_of(found, "postgresql.query.calls", of_postgres));
  execute(db, "drop table asked");
}

TEST_CASE_METHOD(postgres_source, "totals of statements do not fall when entries are gone",
                 "[postgres_collector]") {
  for (int i = 0; i < 5; ++i) execute(db, "select count(*) from pg_class");
  postgres_collector source{options};
  const auto before = number_of(collect_later(source), "postgresql.query.calls", of_postgres);
  execute(db, "select pg_stat_statements_reset()");
  for (int i = 0; i < 3; ++i) execute(db, "select count(*) from pg_attribute");
  const auto after = number_of(collect_later(source), "postgresql.query.calls", of_postgres);
  REQUIRE(before.has_value());
  CHECK(after.value() >= before.value() + 3);
}

TEST_CASE_METHOD(postgres_source, "statements that spill and read much show it",
                 "[postgres_collector]") {
  execute(db, "set work_mem = '64kB'");
  execute(db, "select g from generate_series(1, 50000) g order by md5(g::text)");
  postgres_collector source{options};
  const collected found = collect_later(source);
  const server_statement* sort =
      statement_in(found, "select g from generate_series(1, 50000) g order by md5(g::text)");
  REQUIRE(sort != nullptr);
  CHECK(sort->spilled_bytes.value() > 500'000);
  CHECK(sort->rows == 50'000u);
}

TEST_CASE_METHOD(postgres_source, "tables and indexes are counted, the rest as one",
                 "[postgres_collector]") {
  execute(db, "create table large(id int primary key, body text)");
  execute(db, "insert into large select i, repeat('x', 100) from generate_series(1, 5000) i");
  for (int i = 0; i < 5; ++i) {
    execute(db, fmt::format("create table small_{}(id int primary key)", i));
    execute(db, fmt::format("insert into small_{} values (1), (2)", i));
  }
  execute(db, "select count(*) from large");
  execute(db, "select body from large where id = 77");
  execute(db, "select pg_stat_force_next_flush()");
  execute(db, "vacuum analyze large");
  options.tables = 1;
  options.indexes = 1;
  postgres_collector source{options};
  const collected found = collect_later(source);
  const auto size = execute(db, "select pg_table_size('large'), pg_relation_size('large_pkey')");
  CHECK(number_of(found, "postgresql.table.count", of_postgres) == 6.0);
  CHECK(number_of(found, "postgresql.table.size", of_table("large")) == size[0][0].as<double>());
  CHECK(number_of(found, "postgresql.operations", also(of_table("large"), "operation", "ins")) ==
        5000.0);
  CHECK(number_of(found, "postgresql.operations", also(of_table("_OTHER"), "operation", "ins")) ==
        10.0);
  CHECK(number_of(found, "postgresql.rows", also(of_table("large"), "state", "live")) == 5000.0);
  CHECK(number_of(found, "postgresql.rows", also(of_table("_OTHER"), "state", "live")) == 10.0);
  CHECK(number_of(found, "postgresql.table.index.scans", of_table("large")) == 1.0);
  CHECK(number_of(found, "postgresql.table.vacuum.count", of_table("large")) == 1.0);
  CHECK(number_of(found, "postgresql.table.vacuum.age", of_table("large")) < 60.0);
  CHECK_FALSE(
      number_of(found, "postgresql.operations", also(of_table("small_1"), "operation", "ins"))
          .has_value());
  const attributes index = also(of_table("large"), "postgresql.index.name", "large_pkey");
  CHECK(number_of(found, "postgresql.index.scans", index) == 1.0);
  CHECK(number_of(found, "postgresql.index.size", index) == size[0][1].as<double>());
  CHECK(number_of(found, "postgresql.index.count", of_postgres) == 6.0);
  // Rows without gaps: next to nothing of the table is free.
  CHECK(number_of(found, "postgresql.table.bloat.estimate", of_table("large")) <
        0.1 * size[0][0].as<double>());
  execute(db, "delete from large where id % 2 = 0");
  execute(db, "select pg_stat_force_next_flush()");
  execute(db, "vacuum analyze large");
  CHECK(number_of(collect_later(source), "postgresql.table.bloat.estimate", of_table("large")) >
        0.4 * size[0][0].as<double>());
  execute(db, "drop table large, small_0, small_1, small_2, small_3, small_4");
}

TEST_CASE_METHOD(postgres_source,
                 "of very many tables the largest alone are looked at, with the same numbers",
                 "[postgres_collector]") {
  execute(db, "create table large(id int primary key, body text)");
  execute(db, "insert into large select i, repeat('x', 3000) from generate_series(1, 500) i");
  for (int i = 0; i < 4; ++i) {
    execute(db, fmt::format("create table small_{}(id int primary key)", i));
    execute(db, fmt::format("insert into small_{} values (1), (2)", i));
  }
  execute(db, "select body from large where id = 77");
  execute(db, "select pg_stat_force_next_flush()");
  execute(db, "vacuum analyze");
  const auto numbers_with = [&](std::int64_t most_tables) {
    detail::postgres_session session{server.connection_string()};
    detail::database_objects objects{"postgres", 1, 1, most_tables};
    collected found;
    objects.ask(session, std::chrono::steady_clock::now() + 10s).add_to(found);
    return found;
  };
  const collected all = numbers_with(5);
  const collected largest = numbers_with(4);
  CHECK(lacking_reason(all, "tables of postgres beyond the largest").empty());
  CHECK(lacking_reason(largest, "tables of postgres beyond the largest") ==
        "the database has more than 4 tables");
  int compared = 0;
  for (const collected::number& number : all.numbers()) {
    const std::string_view name = number.instrument->name;
    const std::string labels = to_string(number.labels);
    const bool is_of_rest = labels.find("_OTHER") != std::string::npos;
    const bool is_size = name == "postgresql.table.size" || name == "postgresql.index.size";
    const bool is_of_full_view = name == "postgresql.table.bloat.estimate" ||
                                 labels.find("source=t") != std::string::npos ||
                                 (is_of_rest && !is_size);
    if (is_of_full_view || name == "postgresql.table.vacuum.age") continue;
    INFO(name << ' ' << labels);
    CHECK(number_of(largest, name, number.labels) ==
          static_cast<double>(number.value) / number.instrument->recorded_per_unit());
    ++compared;
  }
  CHECK(compared > 20);
  execute(db, "drop table large, small_0, small_1, small_2, small_3");
}

TEST_CASE_METHOD(postgres_source,
                 "a table that is locked delays nothing, and has no size meanwhile",
                 "[postgres_collector]") {
  execute(db, "create table locked(id int)");
  execute(db, "begin");
  execute(db, "lock table locked in access exclusive mode");
  postgres_collector source{options};
  const auto start = std::chrono::steady_clock::now();
  const collected found = collect_later(source);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
  CHECK(number_of(found, "postgresql.table.count", of_postgres) == 1.0);
  CHECK_FALSE(number_of(found, "postgresql.table.size", of_table("locked")).has_value());
  CHECK(number_of(found, "postgresql.database.locks",
                  also(of_postgres, "mode", "AccessExclusiveLock")) == 1.0);
  execute(db, "rollback");
  CHECK(number_of(collect_later(source), "postgresql.table.size", of_table("locked")) == 0.0);
  execute(db, "drop table locked");
}

TEST_CASE_METHOD(postgres_source, "databases are discovered up to a bound, and the rest are one",
                 "[postgres_collector]") {
  execute(db, "create database second");
  execute(db, "create database third");
  {
    pqxx::connection second{as_user(server, "postgres", "second")};
    execute(second, "create table of_second(id int primary key)");
    execute(second, "insert into of_second select generate_series(1, 30000)");
    execute(second, "select pg_stat_force_next_flush()");
  }
  postgres_collector all{options};
  const collected found = collect_later(all);
  const attributes second_table{{"postgresql.database.name", "second"},
                                {"postgresql.schema.name", "public"},
                                {"postgresql.table.name", "of_second"}};
  CHECK(number_of(found, "postgresql.operations", also(second_table, "operation", "ins")) ==
        30000.0);
  CHECK(number_of(found, "postgresql.database.count") == 3.0);
  CHECK(number_of(found, "postgresql.db_size", {{"postgresql.database.name", "third"}}) > 1e6);
  CHECK(execute(db, "select count(*) from pg_stat_activity where datname = 'second'")[0][0]
            .as<int>() <= 1);

  options.databases = 1;
  postgres_collector bounded{options};
  const collected few = collect_later(bounded);
  std::set<std::string> names;
  for (const collected::number& number : few.numbers()) {
    if (const auto* name = number.labels.find("postgresql.database.name")) {
      names.insert(to_string(*name));
    }
  }
  CHECK(names.size() == 2);
  CHECK(names.contains("_OTHER"));
  CHECK(became_true([&] {
    return execute(
               db,
               "select count(*) from pg_stat_activity where datname in ('second', 'third')")[0][0]
               .as<int>() == 0;
  }));
  execute(db, "drop database second");
  execute(db, "drop database third");
  CHECK_FALSE(
      number_of(collect_later(all), "postgresql.db_size", {{"postgresql.database.name", "third"}}));
}

TEST_CASE_METHOD(postgres_source, "what a user without rights does not see is named",
                 "[postgres_collector]") {
  execute(db, "create role stranger login");
  execute(db, "create table hidden(id int)");
  execute(db, "insert into hidden values (1)");
  execute(db, "analyze hidden");
  execute(db, "select pg_stat_force_next_flush()");
  options.connection_string = as_user(server, "stranger", "postgres");
  postgres_collector source{options};
  const collected found = collect_later(source);
  CHECK(lacking_reason(found, "files of the write-ahead log") == "needs the role pg_monitor");
  CHECK(lacking_reason(found, "statements of other users") == "needs the role pg_monitor");
  CHECK(lacking_reason(found, "sessions of other users") == "needs the role pg_monitor");
  CHECK(lacking_reason(found, "postgresql.table.bloat.estimate of postgres") ==
        "needs the right to read the tables, and their ANALYZE");
  CHECK(number_of(found, "postgresql.commits", of_postgres) > 0.0);
  CHECK(number_of(found, "postgresql.operations", also(of_table("hidden"), "operation", "ins")) ==
        1.0);
  execute(db, "grant pg_monitor to stranger");
  postgres_collector monitor{options};
  const collected more = collect_later(monitor);
  CHECK(lacking_reason(more, "files of the write-ahead log").empty());
  CHECK(lacking_reason(more, "statements of other users").empty());
  CHECK(lacking_reason(more, "sessions of other users").empty());
  CHECK(number_of(more, "postgresql.wal.files") >= 1.0);
  execute(db, "drop table hidden");
  execute(db, "drop role stranger");
}

TEST_CASE_METHOD(postgres_source,
                 "what is off, too old or not installed is lacking with its reason",
                 "[postgres_collector]") {
  postgres_collector source{options};
  const collected found = collect_later(source);
  CHECK(lacking_reason(found, "pg_stat_io") == "needs PostgreSQL 16");
  CHECK(lacking_reason(found, "postgresql.archiver.archived") == "archive_mode is off");
  CHECK(lacking_reason(found, "postgresql.checksum.failures") == "data checksums are off");
  CHECK(lacking_reason(found, "pg_stat_kcache") ==
        "is no extension of the database of the connection");
  CHECK(lacking_reason(found, "postgresql.block.time").empty());
  CHECK(number_of(found, "postgresql.block.time", also(of_postgres, "operation", "read"))
            .has_value());
  CHECK_FALSE(number_of(found, "postgresql.archiver.archived").has_value());
  execute(db, "drop extension pg_stat_statements");
  CHECK(lacking_reason(collect_later(source), "pg_stat_statements") ==
        "is no extension of the database of the connection");
}

TEST_CASE("an extension that the server has not loaded is lacking for that reason",
          "[postgres_collector]") {
  const postgres_server bare;
  pqxx::connection db{bare.connection_string()};
  execute(db, "create extension pg_stat_statements");
  postgres_collector source{{.connection_string = bare.connection_string()}};
  const collected found = collect_from(source);
  CHECK(lacking_reason(found, "pg_stat_statements") ==
        "shared_preload_libraries does not have the extension");
  CHECK(found.statements().empty());
  CHECK(number_of(found, "postgresql.connection.max") == 40.0);
}

TEST_CASE("what pg_stat_kcache and pg_wait_sampling count is collected where they are",
          "[postgres_collector]") {
  const postgres_server server{
      {.settings = {"shared_preload_libraries=pg_stat_statements,pg_stat_kcache,pg_wait_sampling",
                    "pg_wait_sampling.profile_period=1"}}};
  pqxx::connection db{server.connection_string()};
  execute(db, "create extension pg_stat_kcache cascade");
  execute(db, "create extension pg_wait_sampling");
  execute(db, "select count(distinct md5(i::text)) from generate_series(1, 50000) i");
  execute(db, "select pg_sleep(0.05)");
  postgres_collector source{{.connection_string = server.connection_string()}};
  const auto before = counted_by_kcache(db);
  const collected found = collect_from(source);
  const auto after = counted_by_kcache(db);
  CHECK(lacking_reason(found, "pg_stat_kcache").empty());
  CHECK(lacking_reason(found, "pg_wait_sampling").empty());

  const std::optional<double> ours[] = {
      number_of(found, "postgresql.query.cpu.time", also(of_postgres, "cpu.mode", "user")),
      number_of(found, "postgresql.query.cpu.time", also(of_postgres, "cpu.mode", "system")),
      number_of(found, "postgresql.query.disk.io", also(of_postgres, "operation", "read")),
      number_of(found, "postgresql.query.disk.io", also(of_postgres, "operation", "write"))};
  for (std::size_t i = 0; i < std::size(ours); ++i) {
    INFO(i);
    // A collected time has no part of a nanosecond.
    CHECK(ours[i].value_or(-1) >= before[i] - 1e-9);
    CHECK(ours[i].value_or(1e18) <= after[i] + 1e-9);
  }
  CHECK(before[0] > 0.001);  // a file system in memory has no reads or writes
  // Of a wait of 50 ms, looked at once a millisecond.
  const attributes of_sleep{{"postgresql.wait_event_type", "Timeout"}};
  CHECK(number_of(found, "postgresql.wait.samples", of_sleep).value_or(0) >= 10.0);
  CHECK(faults_of_series(found).empty());
}

TEST_CASE_METHOD(postgres_source, "the calls to join are those of the application's decorators",
                 "[postgres_collector]") {
  postgres_collector source{options};
  CHECK(to_string(source.calls_to_join()) ==
        fmt::format("db.system.name=postgresql server.address=127.0.0.1 server.port={}",
                    server.port()));
  CHECK(source.name() == fmt::format("postgresql 127.0.0.1:{}", server.port()));
  postgres_collector named{{.connection_string = "host=10.0.0.5 dbname=chat",
                            .server_address = "db.internal",
                            .server_port = 6432}};
  CHECK(to_string(named.calls_to_join()) ==
        "db.system.name=postgresql server.address=db.internal server.port=6432");
  postgres_collector at_default_port{{.connection_string = "host=db port=5432"}};
  CHECK(to_string(at_default_port.calls_to_join()) ==
        "db.system.name=postgresql server.address=db");
  postgres_collector by_address{{.connection_string = "hostaddr=127.0.0.1"}};
  CHECK(to_string(by_address.calls_to_join()) ==
        "db.system.name=postgresql server.address=127.0.0.1");
  postgres_collector by_socket{{.connection_string = "host=/run/postgresql"}};
  CHECK(to_string(by_socket.calls_to_join()) ==
        "db.system.name=postgresql server.address=/run/postgresql");
  CHECK(at_default_port.name() == "postgresql db:5432");
  postgres_collector of_several{{.connection_string = "host=a,b port=5433"}};
  CHECK(of_several.name() == "postgresql:5432");
  CHECK_THROWS_AS((postgres_collector{{.connection_string = "not a string"}}), configuration_error);
  CHECK_THROWS_AS((postgres_collector{{.connection_string = "host=db", .interval = 0s}}),
                  configuration_error);
}

TEST_CASE_METHOD(postgres_source,
                 "calls by every kind of connection have the labels by which they are joined",
                 "[postgres_collector]") {
  // Its connections by a socket are those of PGHOST and of a folder in the connection string.
  const querytap::testing::temporary_folder folder;
  std::filesystem::permissions(folder.path(), std::filesystem::perms::all);
  const postgres_server of_socket{
      {.settings = {"unix_socket_directories=" + folder.path().string()}}};
  const std::string port = fmt::format(" user=postgres dbname=postgres port={}", of_socket.port());
  const std::string by_socket = "host=" + folder.path().string() + port;
  for (const std::string& given :
       {"host=127.0.0.1" + port, "host=localhost" + port, "hostaddr=127.0.0.1" + port, by_socket,
        "host=127.0.0.1,localhost" + port}) {
    INFO(given);
    recorder recorder{{.service_name = "joined"}};
    postgres::connection application{recorder, given};
    {
      postgres::nontransaction session{application};
      session.exec("select count(*) from pg_database");
    }
    postgres_collector source{{.connection_string = given}};
    static_cast<void>(collect_from(source));
    const attributes wanted = source.calls_to_join();
    CHECK(wanted.find("server.address") != nullptr);
    const snapshot snapshot = recorder.collect();
    int joined = 0;
    for (const auto& metric : snapshot.metrics) {
      if (metric->instrument->name != "db.client.operation.duration") continue;
      for (const point& point : metric->points) {
        bool is_equal = true;
        for (const attribute& label : wanted) {
          const attribute_value* own = point.series->labels.find(label.key);
          is_equal = is_equal && own != nullptr && *own == label.value;
        }
        CHECK(is_equal);
        CHECK(to_string(*point.series->labels.find("db.namespace")) == "postgres");
        ++joined;
      }
    }
    CHECK(joined >= 1);
  }
}

TEST_CASE_METHOD(postgres_source, "sessions that a pooler lends to others stay as they were",
                 "[postgres_collector]") {
  const querytap::testing::pgbouncer pooler{server, 1};
  options.connection_string = pooler.connection_string();
  postgres_collector source{options};
  postgres_probe probe{{.connection_string = pooler.connection_string()}};
  postgres_write_probe writes{{.connection_string = pooler.connection_string()}};
  CHECK(number_of(collect_from(source), "postgresql.connection.max") == 40.0);
  CHECK(testing::worst_of(testing::look_at(probe)) == "pass");
  CHECK(testing::worst_of(testing::look_at(writes)) == "pass");
  pqxx::connection application{pooler.connection_string()};
  const auto settings =
      execute(application,
              "select current_setting('statement_timeout'), "
              "current_setting('default_transaction_read_only'), "
              "current_setting('search_path'), current_setting('synchronous_commit'), "
              "current_setting('lock_timeout'), current_setting('jit')");
  CHECK(settings[0][0].as<std::string>() == "0");
  CHECK(settings[0][1].as<std::string>() == "off");
  CHECK(settings[0][2].as<std::string>() == "\"$user\", public");
  CHECK(settings[0][3].as<std::string>() == "on");
  CHECK(settings[0][4].as<std::string>() == "0");
  CHECK(settings[0][5].as<std::string>() == "on");
  execute(application, "drop table querytap_probe");
}

TEST_CASE_METHOD(postgres_source,
                 "what is asked again and again is prepared where no pooler lends it to others",
                 "[postgres_collector]") {
  const auto until = [] { return std::chrono::steady_clock::now() + 10s; };
  constexpr std::string_view asked[] = {"select 1 as number",
                                        "select count(*) from pg_prepared_statements"};
  constexpr std::string_view refused[] = {"select 1 / 0", "select 2 as number"};
  const auto names_known = [&](detail::postgres_session& session) {
    const auto reply = session.query_repeated(detail::read_only_transaction, asked, until());
    REQUIRE(reply.results.size() == 2);
    CHECK(std::string{PQgetvalue(reply.results[0].get(), 0, 0)} == "1");
    return std::string{PQgetvalue(reply.results[1].get(), 0, 0)};
  };
  SECTION("on a connection of its own") {
    detail::postgres_session session{server.connection_string()};
    CHECK(session.has_process_of_its_own(until()));
    CHECK(names_known(session) == "2");
    CHECK(names_known(session) == "2");
    // What the server refuses is asked as it is, the next time, and harms nothing else.
    const auto reply = session.query_repeated(detail::read_only_transaction, refused, until());
    REQUIRE(reply.refused.has_value());
    CHECK(reply.refused->state() == "22012");
    CHECK(names_known(session) == "3");
    const auto again = session.query_repeated(detail::read_only_transaction, refused, until());
    CHECK(again.refused.has_value());
    CHECK(names_known(session) == "3");
    // A new session of the server knows none of the names.
    pqxx::connection admin{server.connection_string()};
    execute(admin,
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = "
            "'querytap'");
    CHECK_THROWS_AS(session.query_repeated(detail::read_only_transaction, asked, until()),
                    detail::unreachable_server);
  }
  SECTION("not behind a pooler") {
    for (const int sessions : {1, 2}) {
      const querytap::testing::pgbouncer pooler{server, sessions};
      detail::postgres_session session{pooler.connection_string()};
      CHECK_FALSE(session.has_process_of_its_own(until()));
      CHECK(names_known(session) == "0");
      CHECK(names_known(session) == "0");
      postgres_collector source{{.connection_string = pooler.connection_string()}};
      CHECK(number_of(collect_from(source), "postgresql.connection.max") == 40.0);
      pqxx::connection application{pooler.connection_string()};
      CHECK(execute(application, "select count(*) from pg_prepared_statements")[0][0].as<int>() ==
            0);
    }
  }
}

TEST_CASE_METHOD(postgres_source,
                 "a collector asks what is prepared, and finds the same as at first",
                 "[postgres_collector]") {
  postgres_collector source{options};
  const collected first = collect_from(source);
  const collected second = collect_from(source);
  const auto names_in = [](const collected& found) {
    std::set<std::string> names;
    for (const auto& number : found.numbers()) {
      names.insert(std::string{number.instrument->name} + to_string(number.labels));
    }
    return names;
  };
  CHECK(names_in(first) == names_in(second));
  CHECK(names_in(first).size() > 100);
}

TEST_CASE("PostgreSQL 18 shows what its views have, and what has moved", "[postgres_collector]") {
  const querytap::testing::pglite_server newest{QUERYTAP_NODE_MODULES};
  postgres_collector source{{.connection_string = newest.connection_string()}};
  const collected found = collect_from(source);
  CHECK(number_of(found, "postgresql.bgwriter.checkpoint.count", {{"type", "scheduled"}})
            .has_value());
  CHECK(number_of(found, "postgresql.bgwriter.buffers.writes", {{"source", "checkpoints"}})
            .has_value());
  CHECK(number_of(found, "postgresql.wal.records").has_value());
  CHECK(lacking_reason(found, "pg_stat_io").empty());
  CHECK(lacking_reason(found, "postgresql.wal.operations") ==
        "since PostgreSQL 18 it is in postgresql.io.*");
  CHECK(std::ranges::any_of(found.numbers(), [](const auto& number) {
    return number.instrument->name == "postgresql.io.operations";
  }));
  CHECK(number_of(found, "postgresql.commits", of_postgres).has_value());
  CHECK(number_of(found, "postgresql.table.count", of_postgres) == 0.0);
  CHECK(number_of(found, "postgresql.connection.max").has_value());
}

TEST_CASE_METHOD(postgres_source, "a server that is away says why, and comes back",
                 "[postgres_collector]") {
  postgres_collector source{options};
  static_cast<void>(collect_later(source));
  server.freeze();
  const auto start = std::chrono::steady_clock::now();
  CHECK_THROWS_WITH(collect_later(source, 200ms), "The server did not answer in time.");
  const auto taken = std::chrono::steady_clock::now() - start;
  server.resume();
  CHECK(taken < 1s);
  const auto uptime_before = number_of(collect_later(source), "postgresql.uptime");
  server.crash();
  server.recover();
  // The connection is lost, and what is shown is the new server's.
  CHECK(number_of(collect_later(source), "postgresql.uptime") < uptime_before);
  server.crash();
  CHECK_THROWS_WITH(collect_later(source), "Nothing listens at the server's address.");
  server.recover();
  CHECK(became_true([&] {
    try {
      return number_of(collect_later(source), "postgresql.connection.max") == 40.0;
    } catch (const collect_error&) {
      return false;
    }
  }));
}

TEST_CASE_METHOD(postgres_source,
                 "parts have intervals of their own and retain their numbers meanwhile",
                 "[postgres_collector]") {
  postgres_collector source{options};
  const collected first = collect_later(source);
  execute(db, "create table later(id int)");
  execute(db, "select 1 as first_seen_later");
  time.advance(15s);
  const collected second = collect_from(source);
  CHECK(number_of(second, "postgresql.table.count", of_postgres) ==
        number_of(first, "postgresql.table.count", of_postgres));
  CHECK(number_of(second, "postgresql.setting", {{"postgresql.setting.name", "work_mem"}})
            .has_value());
  CHECK_FALSE(second.has_read_statements());
  CHECK(number_of(second, "postgresql.commits", of_postgres) >
        number_of(first, "postgresql.commits", of_postgres));
  time.advance(46s);
  const collected third = collect_from(source);
  CHECK(third.statements().size() > first.statements().size());
  CHECK(number_of(third, "postgresql.table.count", of_postgres) ==
        number_of(first, "postgresql.table.count", of_postgres));
  time.advance(5min);
  CHECK(number_of(collect_from(source), "postgresql.table.count", of_postgres) >
        number_of(first, "postgresql.table.count", of_postgres));
  execute(db, "drop table later");
}

TEST_CASE_METHOD(postgres_source, "a standby and its primary show how far it is behind",
                 "[postgres_collector]") {
  postgres_server standby{{.standby_of = &server}};
  pqxx::connection standby_db{standby.connection_string()};
  execute(db, "select pg_create_physical_replication_slot('unused', true)");
  postgres_collector of_primary{options};
  options.connection_string = standby.connection_string();
  postgres_collector of_standby{options};
  CHECK(became_true([&] {
    return number_of(collect_later(of_primary), "postgresql.replication.count",
                     {{"state", "streaming"}}) == 1.0;
  }));
  const attributes client{{"replication_client", "walreceiver"}};
  // The first transaction that it replays: before, it knows no age.
  execute(db, "create table replayed_first(id int)");
  CHECK(became_true([&] {
    return number_of(collect_later(of_standby), "postgresql.replication.replay.delay") == 0.0;
  }));
  execute(standby_db, "select pg_wal_replay_pause()");
  execute(db, "create table replayed as select generate_series(1, 20000)");
  CHECK(became_true([&] {
    return number_of(collect_later(of_primary), "postgresql.replication.data_delay", client) > 1e5;
  }));
  CHECK(became_true([&] {
    return number_of(collect_later(of_standby), "postgresql.replication.replay.data_delay") > 1e5;
  }));
  const collected behind = collect_later(of_standby);
  CHECK(number_of(behind, "postgresql.replication.is_standby") == 1.0);
  CHECK(number_of(behind, "postgresql.replication.replay.delay") > 0.0);
  execute(standby_db, "select pg_wal_replay_resume()");
  CHECK(became_true([&] {
    return number_of(collect_later(of_standby), "postgresql.replication.replay.delay") == 0.0;
  }));
  const collected primary = collect_later(of_primary);
  const attributes slot{{"postgresql.slot.name", "unused"}};
  CHECK(number_of(primary, "postgresql.replication.slot.active", slot) == 0.0);
  CHECK(number_of(primary, "postgresql.replication.slot.held_wal", slot) > 1e5);
  CHECK(number_of(primary, "postgresql.replication.slot.lost") == 0.0);
  CHECK(number_of(primary, "postgresql.replication.is_standby") == 0.0);
  CHECK_FALSE(number_of(primary, "postgresql.replication.replay.delay").has_value());
  execute(db, "select pg_drop_replication_slot('unused')");
  execute(db, "drop table replayed, replayed_first");
}
