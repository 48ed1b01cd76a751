// The health of a PostgreSQL server: each fault of a real server is named for what it is, within the deadline,
// and is gone when the server is well again.

#include <querytap/base/error.hpp>
#include <querytap/servers/postgres/postgres_collector.hpp>
#include <support/postgres_server.hpp>
#include <support/wait.hpp>
#include <unit/servers/postgres/postgres_commands.hpp>
#include <unit/servers/postgres/postgres_health.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <future>
#include <memory>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::as_user;
using querytap::testing::became_true;
using querytap::testing::execute;
using querytap::testing::look_at;
using querytap::testing::measured_as;
using querytap::testing::postgres_server;
using querytap::testing::worst_of;

namespace {

/// The worst measurement as soon as it is no longer what it was.
template <class Probe>
std::string changed(Probe& probe, const std::string& before) {
  std::string after;
  static_cast<void>(became_true([&] { return (after = worst_of(look_at(probe))) != before; }));
  return after;
}

/// A server for the whole file: each test leaves it running, and well.
postgres_server& faulty_server() {
  static postgres_server instance{
      {.settings = {"max_prepared_transactions=5", "wal_level=logical",
                    "max_slot_wal_keep_size=1MB", "superuser_reserved_connections=3"}}};
  return instance;
}

struct postgres_health {
  postgres_server& server = faulty_server();
  postgres_probe_options options{.connection_string = server.connection_string()};
};

}  // namespace

TEST_CASE_METHOD(postgres_health, "a server that is well passes in every respect",
                 "[postgres_probe]") {
  options.expected_role = postgres_role::primary;
  options.counts_invalid_indexes = true;
  postgres_probe probe{options};
  const std::string one_of_37 = fmt::format("pass {}", 1.0 / 37);
  CHECK(became_true([&] { return measured_as(look_at(probe), "connections") == one_of_37; }));
  const health_answer answer = look_at(probe);
  CHECK(worst_of(answer) == "pass");
  CHECK(measured_as(answer, "role") == "pass");
  CHECK(measured_as(answer, "writable") == "pass");
  CHECK(measured_as(answer, "longest_transaction") == "pass 0");
  CHECK(measured_as(answer, "blocked_sessions") == "pass 0");
  CHECK(measured_as(answer, "lost_slots") == "pass");
  CHECK(measured_as(answer, "invalid_indexes") == "pass");
  CHECK(measured_as(answer, "visibility") == "not measured");
  CHECK(measured_as(answer, "replication_lag") == "not measured");

  options.expected_role = postgres_role::standby;
  postgres_probe of_standby{options};
  CHECK(worst_of(look_at(of_standby)) ==
        "role fail: The server is a primary, and should be a standby.");
  options.expected_role = postgres_role::primary;
  options.expected_standbys = 2;
  postgres_probe of_primary{options};
  CHECK(worst_of(look_at(of_primary)) == "standbys fail: 0 of 2 standbys are connected.");
}

TEST_CASE_METHOD(postgres_health,
                 "a server that is stopped, killed and started again is seen as such",
                 "[postgres_probe]") {
  postgres_probe probe{options};
  postgres_write_probe writes{{.connection_string = options.connection_string}};
  CHECK(worst_of(look_at(probe)) == "pass");
  CHECK(worst_of(look_at(writes)) == "pass");

  server.crash();
  constexpr auto nothing = "answers fail: Nothing listens at the server's address.";
  CHECK(worst_of(look_at(probe)) == nothing);
  CHECK(worst_of(look_at(writes)) == nothing);
  server.recover();
  CHECK(changed(probe, nothing) == "pass");
  CHECK(worst_of(look_at(writes)) == "pass");

  server.kill();
  CHECK(became_true([&] { return worst_of(look_at(probe)) == nothing; }));
  server.recover();
  CHECK(changed(probe, nothing) == "pass");

  // Between two looks: the connection was lost, and the server is well.
  server.crash();
  server.recover();
  CHECK(worst_of(look_at(probe)) == "pass");
}

TEST_CASE_METHOD(postgres_health, "a server that is stopped by a signal fails at the deadline",
                 "[postgres_probe]") {
  postgres_probe connected{options};
  postgres_probe not_connected{options};
  postgres_write_probe writes{{.connection_string = options.connection_string}};
  CHECK(worst_of(look_at(connected)) == "pass");
  server.freeze();
  const auto start = std::chrono::steady_clock::now();
  constexpr auto silent = "answers fail: The server did not answer in time.";
  CHECK(worst_of(look_at(connected, 100ms)) == silent);
  CHECK(worst_of(look_at(not_connected, 100ms)) == silent);
  CHECK(worst_of(look_at(writes, 100ms)) == silent);
  const auto taken = std::chrono::steady_clock::now() - start;
  server.resume();
  CHECK(taken >= 300ms);
  CHECK(taken < 1s);
  CHECK(changed(connected, silent) == "pass");
}

TEST_CASE_METHOD(postgres_health, "a full server is a reason of its own", "[postgres_probe]") {
  pqxx::connection db{options.connection_string};
  execute(db, "create role watcher login in role pg_monitor");
  options.connection_string = as_user(server, "watcher");
  postgres_probe connected{options};
  CHECK(worst_of(look_at(connected)) == "pass");
  std::vector<std::unique_ptr<pqxx::connection>> others;
  while (others.size() < 35) {
    others.push_back(std::make_unique<pqxx::connection>(options.connection_string));
  }
  CHECK(worst_of(look_at(connected)) == "connections fail: 37 of 37 connections are open.");
  postgres_probe not_connected{options};
  CHECK(worst_of(look_at(not_connected)) ==
        "answers fail: The server is full: it has no connection left. (SQLSTATE 53300)");
  CHECK_FALSE(look_at(not_connected).worst()->advice.empty());
  others.clear();
  const auto is_well = [](postgres_probe& probe) { return worst_of(look_at(probe)) == "pass"; };
  CHECK(became_true([&] { return is_well(connected); }));
  CHECK(became_true([&] { return is_well(not_connected); }));
}

TEST_CASE_METHOD(postgres_health, "a server that became read-only is noticed", "[postgres_probe]") {
  pqxx::connection db{options.connection_string};
  postgres_probe probe{options};
  postgres_write_probe writes{{.connection_string = options.connection_string}};
  CHECK(worst_of(look_at(writes)) == "pass");
  execute(db, "alter system set default_transaction_read_only = on");
  execute(db, "select pg_reload_conf()");
  CHECK(changed(probe, "pass") ==
        "writable fail: The primary is read-only: default_transaction_read_only is on.");
  CHECK(changed(writes, "pass") ==
        "answers fail: The server takes no writes: it is read-only. (SQLSTATE 25006)");
  execute(db, "alter system reset default_transaction_read_only");
  execute(db, "select pg_reload_conf()");
  CHECK(became_true([&] { return worst_of(look_at(probe)) == "pass"; }));
  CHECK(became_true([&] { return worst_of(look_at(writes)) == "pass"; }));
}

TEST_CASE_METHOD(postgres_health,
                 "a database that became read-only is noticed, and a role that reads alone is no "
                 "alarm",
                 "[postgres_probe]") {
  constexpr auto alarm =
      "writable fail: The primary is read-only: default_transaction_read_only is on.";
  pqxx::connection db{options.connection_string};
  postgres_probe open_before{options};
  CHECK(worst_of(look_at(open_before)) == "pass");
  const auto verdict_of_new = [](const std::string& connection_string) {
    postgres_probe probe{{.connection_string = connection_string}};
    return worst_of(look_at(probe));
  };
  execute(db, "create role reader login superuser");
  const std::string reader = as_user(server, "reader");
  execute(db, "alter role reader set default_transaction_read_only = on");
  CHECK(verdict_of_new(reader) == "pass");
  CHECK(verdict_of_new(options.connection_string +
                       " options='-c default_transaction_read_only=on'") == "pass");
  execute(db, "alter role reader in database postgres set default_transaction_read_only = on");
  CHECK(verdict_of_new(reader) == "pass");

  execute(db, "alter database postgres set default_transaction_read_only = on");
  CHECK(worst_of(look_at(open_before)) == alarm);
  CHECK(verdict_of_new(options.connection_string) == alarm);
  execute(db, "alter role reader in database postgres set default_transaction_read_only = off");
  CHECK(verdict_of_new(reader) == alarm);
  postgres_probe open_meanwhile{options};
  CHECK(worst_of(look_at(open_meanwhile)) == alarm);
  execute(db, "alter database postgres reset default_transaction_read_only");
  CHECK(worst_of(look_at(open_meanwhile)) == "pass");

  execute(db, "alter role all set default_transaction_read_only = on");
  CHECK(worst_of(look_at(open_before)) == alarm);
  execute(db, "alter role all reset default_transaction_read_only");
  execute(db, "alter role reader in database postgres reset default_transaction_read_only");
  execute(db, "drop role reader");
  CHECK(worst_of(look_at(open_before)) == "pass");
}

TEST_CASE_METHOD(postgres_health, "the write probe leaves nothing behind", "[postgres_probe]") {
  pqxx::connection db{options.connection_string};
  postgres_write_probe writes{{.connection_string = options.connection_string}};
  CHECK(worst_of(look_at(writes)) == "pass");
  execute(db, "insert into querytap_probe values ('of another', now() - interval '2 days')");
  execute(db, "insert into querytap_probe values ('of now', now())");
  CHECK(worst_of(look_at(writes)) == "pass");
  pqxx::nontransaction session{db};
  const auto rows = session.exec("select id from querytap_probe");
  REQUIRE(rows.size() == 1);
  CHECK(rows[0][0].as<std::string>() == "of now");
}

TEST_CASE_METHOD(postgres_health, "a row that is not stored is noticed", "[postgres_probe]") {
  pqxx::connection db{options.connection_string};
  postgres_write_probe writes{
      {.connection_string = options.connection_string, .table = R"(odd "probe" table)"}};
  CHECK(worst_of(look_at(writes)) == "pass");
  execute(db,
          R"(create function lose() returns trigger language plpgsql as 'begin return null; end')");
  execute(db, R"(create trigger lose before insert on "odd ""probe"" table"
              for each row execute function lose())");
  CHECK(worst_of(look_at(writes)) ==
        "read_back fail: A row that was written a moment ago is not there.");
  // What a full disk is to a client.
  execute(db, R"(create or replace function lose() returns trigger language plpgsql as
              'begin raise exception using errcode = ''disk_full''; end')");
  CHECK(worst_of(look_at(writes)) == "answers fail: The server's disk is full. (SQLSTATE 53100)");
  execute(db, R"(drop table "odd ""probe"" table")");
  execute(db, "create role reader login");
  postgres_write_probe without_rights{{.connection_string = as_user(server, "reader")}};
  CHECK(worst_of(look_at(without_rights)) ==
        "answers fail: The user lacks a right that the probe needs. (SQLSTATE 42501)");
  CHECK_THROWS_AS((postgres_write_probe{{.connection_string = "dbname=x", .table = ""}}),
                  configuration_error);
}

TEST_CASE_METHOD(postgres_health, "sessions that block, wait and sit idle are measured",
                 "[postgres_probe]") {
  pqxx::connection holder{options.connection_string};
  pqxx::connection waiter{options.connection_string};
  execute(holder, "create table locked(id int)");
  options.limits.blocked = {1ms, 1h};
  options.limits.longest_transaction = {1h, 2h};
  options.limits.idle_in_transaction = {1h, 2h};
  postgres_probe probe{options};
  execute(holder, "begin");
  execute(holder, "lock table locked");
  auto waiting = std::async(std::launch::async, [&] { execute(waiter, "select * from locked"); });
  const std::string blocked = changed(probe, "pass");
  CHECK(blocked.find(
            "blocked_sessions warn: Sessions that wait for locks of others: 1, the longest for ") ==
        0);
  options.limits.blocked = {1h, 2h};
  options.limits.longest_transaction = {1ms, 1h};
  postgres_probe of_long{options};
  CHECK(worst_of(look_at(of_long))
            .find("longest_transaction warn: A transaction has been open for ") == 0);
  options.limits.longest_transaction = {1h, 2h};
  options.limits.idle_in_transaction = {1ms, 1ms};
  postgres_probe of_idle{options};
  CHECK(worst_of(look_at(of_idle))
            .find("idle_in_transaction fail: Sessions that are idle in a transaction: 1, the "
                  "longest for ") == 0);
  execute(holder, "commit");
  waiting.get();
  CHECK(became_true([&] { return worst_of(look_at(probe)) == "pass"; }));
  CHECK(worst_of(look_at(of_idle)) == "pass");
}

TEST_CASE_METHOD(postgres_health, "a prepared transaction that nobody ends is noticed",
                 "[postgres_probe]") {
  pqxx::connection db{options.connection_string};
  options.limits.prepared_transaction = {1ms, 1h};
  postgres_probe probe{options};
  execute(db, "create table kept(id int)");
  execute(db, "begin");
  execute(db, "insert into kept values (1)");
  execute(db, "prepare transaction 'forgotten'");
  CHECK(changed(probe, "pass")
            .find("prepared_transactions warn: Prepared transactions: 1, the oldest for ") == 0);
  execute(db, "rollback prepared 'forgotten'");
  CHECK(worst_of(look_at(probe)) == "pass");
}

TEST_CASE_METHOD(postgres_health, "a slot that holds WAL is noticed, and one that lost it",
                 "[postgres_probe]") {
  pqxx::connection db{options.connection_string};
  options.limits.held_wal = {100'000, 1LL << 40};
  postgres_probe probe{options};
  execute(db, "checkpoint");  // the slot holds WAL from there on
  execute(db, "select pg_create_physical_replication_slot('forgotten', true)");
  CHECK(worst_of(look_at(probe)) == "pass");
  execute(db, "create table filled as select repeat('x', 500) from generate_series(1, 1000)");
  CHECK(worst_of(look_at(probe)).find("held_wal warn: The replication slot forgotten holds ") == 0);
  for (int i = 0; i < 4; ++i) {
    execute(db, "insert into filled select repeat('y', 500) from generate_series(1, 2000)");
    execute(db, "select pg_switch_wal()");
    execute(db, "checkpoint");
  }
  CHECK(worst_of(look_at(probe)) ==
        "lost_slots fail: Replication slots that have lost WAL that they need, or are about to: 1, "
        "among them forgotten.");
  execute(db, "select pg_drop_replication_slot('forgotten')");
  execute(db, "drop table filled");
  CHECK(worst_of(look_at(probe)) == "pass");
}

TEST_CASE_METHOD(postgres_health, "an index that is not valid is noticed when asked for",
                 "[postgres_probe]") {
  pqxx::connection db{options.connection_string};
  options.counts_invalid_indexes = true;
  postgres_probe probe{options};
  execute(db, "create table twice(id int)");
  execute(db, "insert into twice values (1), (1)");
  CHECK_THROWS(execute(db, "create unique index concurrently once on twice(id)"));
  CHECK(worst_of(look_at(probe)) ==
        "invalid_indexes warn: Indexes that are not valid: 1. They cost writes, and no query uses "
        "them.");
  execute(db, "drop table twice");
  CHECK(worst_of(look_at(probe)) == "pass");
}

TEST_CASE_METHOD(postgres_health, "a user without rights sees less, and the answer says so",
                 "[postgres_probe]") {
  pqxx::connection db{options.connection_string};
  execute(db, "create role stranger login");
  options.connection_string = as_user(server, "stranger");
  postgres_probe probe{options};
  const health_answer answer = look_at(probe);
  CHECK(worst_of(answer) == "pass");
  CHECK(measured_as(answer, "longest_transaction") == "not measured");
  CHECK(measured_as(answer, "visibility").find("pass: The user does not see") == 0);
  const std::string two_of_37 = fmt::format("pass {}", 2.0 / 37);
  CHECK(became_true([&] { return measured_as(look_at(probe), "connections") == two_of_37; }));
  execute(db, "grant pg_monitor to stranger");
  CHECK(measured_as(look_at(probe), "longest_transaction") == "pass 0");
}

TEST_CASE("a login that is refused says no secret", "[postgres_probe]") {
  postgres_probe stranger{{.connection_string = faulty_server().connection_string() +
                                                " user=nobody-canary password=secret-canary"}};
  const std::string refused = worst_of(look_at(stranger));
  CHECK(refused == "answers fail: The server refuses the login. (SQLSTATE 28000)");
  postgres_probe elsewhere{
      {.connection_string = faulty_server().connection_string() + " dbname=canary"}};
  CHECK(worst_of(look_at(elsewhere)) ==
        "answers fail: The server has no database of that name. (SQLSTATE 3D000)");
  CHECK_THROWS_AS((postgres_probe{{.connection_string = "no connection string"}}),
                  configuration_error);
}

TEST_CASE("a port that is none is refused at once, and not shown", "[postgres_probe]") {
  for (const char* const port : {"canary", "0", "65536", "5432,canary", "'5432 canary'"}) {
    INFO(port);
    CHECK_THROWS_WITH((postgres_probe{{.connection_string = std::string{"port="} + port}}),
                      "querytap: option 'connection_string' = '': its port, or that in PGPORT, is "
                      "none: expected 1 to 65535");
  }
  CHECK_THROWS_AS((postgres_probe{{.connection_string = "postgresql://user:canary"}}),
                  configuration_error);
  for (const char* const port : {"' 5432 '", "5432,5433", "''", "5432,"}) {
    INFO(port);
    CHECK_NOTHROW(
        postgres_probe{{.connection_string = std::string{"host=first,second port="} + port}});
  }
}

TEST_CASE("what is left of a password in place of a host is refused, and not shown",
          "[postgres_probe]") {
  for (const char* const address : {
           "postgresql://user:p@canary@127.0.0.1:1/db",
           "postgres://user:p@canary@db,other/db",
           "postgresql://user:12/canary@db/name",
           "postgresql://user:p@@canary@db/name",
           "host=user:canary@127.0.0.1",
           "host=user:canary",
           "host=db,:canary",
           "hostaddr=canary@127.0.0.1",
           "host=https://user:canary@db",
       }) {
    INFO(address);
    CHECK_THROWS_WITH((postgres_collector{{.connection_string = address}}),
                      Catch::Contains("'connection_string' = ''") && !Catch::Contains("canary"));
    CHECK_THROWS_WITH((postgres_probe{{.connection_string = address}}),
                      Catch::Contains("'connection_string' = ''") && !Catch::Contains("canary"));
    CHECK_THROWS_WITH((postgres_write_probe{{.connection_string = address}}),
                      Catch::Contains("'connection_string' = ''") && !Catch::Contains("canary"));
  }
  for (const char* const address : {"postgresql://user:canary@db/x", "user:canary", ":canary"}) {
    INFO(address);
    CHECK_THROWS_WITH(
        (postgres_collector{{.connection_string = "host=db", .server_address = address}}),
        Catch::Contains("'server_address' = '(not shown)'") && !Catch::Contains("canary"));
  }
}

TEST_CASE("hosts of every kind are taken, with passwords of every kind", "[postgres_probe]") {
  const auto name_at = [](const char* connection_string, const char* shown = "") {
    return postgres_collector{{.connection_string = connection_string, .server_address = shown}}
        .name();
  };
  CHECK(name_at("postgresql://user:p%40ss:w@[::1]:6000/db") == "postgresql ::1:6000");
  CHECK(name_at("host=fe80::1%eth0 password=a@b:c") == "postgresql fe80::1%eth0:5432");
  CHECK(name_at("postgresql://user@db.example.com?password=a@b") ==
        "postgresql db.example.com:5432");
  CHECK(name_at("host=/var/run/postgresql") == "postgresql /var/run/postgresql:5432");
  CHECK(name_at("host=@postgres") == "postgresql @postgres:5432");
  CHECK(name_at("host=127.0.0.1", "::1") == "postgresql ::1:5432");
  CHECK_NOTHROW(name_at("host=first,,second hostaddr=127.0.0.1,::1,127.0.0.2"));
}

TEST_CASE_METHOD(postgres_health, "a standby that falls behind is noticed on both sides",
                 "[postgres_probe]") {
  postgres_server standby{
      {.settings = {"max_prepared_transactions=5", "wal_retrieve_retry_interval=100ms"},
       .standby_of = &server}};
  pqxx::connection db{options.connection_string};
  pqxx::connection standby_db{standby.connection_string()};
  options.limits.replication_lag_bytes = {100'000, 1LL << 40};
  options.expected_standbys = 1;
  postgres_probe of_primary{options};
  postgres_probe_options standby_options = options;
  standby_options.connection_string = standby.connection_string();
  standby_options.expected_role = postgres_role::standby;
  postgres_probe of_standby{standby_options};
  const auto are_well = [&] {
    return worst_of(look_at(of_primary)) == "pass" && worst_of(look_at(of_standby)) == "pass";
  };
  REQUIRE(became_true(are_well));
  CHECK(
      became_true([&] { return measured_as(look_at(of_standby), "replication_lag") == "pass 0"; }));
  CHECK(measured_as(look_at(of_standby), "writable") == "not measured");

  // Until it has replayed a transaction, it does not know how old the last one is.
  execute(db, "create table replayed(id int)");
  CHECK(became_true([&] {
    return execute(standby_db, "select pg_last_xact_replay_timestamp()")[0][0].is_null() == false;
  }));
  execute(standby_db, "select pg_wal_replay_pause()");
  execute(db, "create table filled as select repeat('x', 500) from generate_series(1, 1000)");
  CHECK(changed(of_primary, "pass").find("replication_lag_bytes warn: A standby is ") == 0);
  CHECK(became_true([&] {
    return measured_as(look_at(of_standby), "replication_lag_bytes")
               .find("warn: The standby is ") == 0;
  }));
  CHECK(measured_as(look_at(of_standby), "replay") ==
        "warn: The replay of the primary's changes is paused.");
  standby_options.limits.replication_lag = {1ms, 1h};
  postgres_probe of_late_standby{standby_options};
  CHECK(measured_as(look_at(of_late_standby), "replication_lag").find("warn: The standby is ") ==
        0);
  execute(standby_db, "select pg_wal_replay_resume()");
  CHECK(became_true(are_well));

  server.crash();
  CHECK(became_true([&] {
    return worst_of(look_at(of_standby)) ==
           "replication_link fail: The standby receives nothing from its primary.";
  }));
  server.recover();
  CHECK(became_true(are_well));
  standby.crash();
  CHECK(became_true([&] {
    return worst_of(look_at(of_primary)) == "standbys fail: 0 of 1 standbys are connected.";
  }));
}

TEST_CASE_METHOD(postgres_health, "a server that takes no connections yet is a reason of its own",
                 "[postgres_probe]") {
  postgres_server closed{{.settings = {"hot_standby=off"}, .standby_of = &server}};
  postgres_probe probe{{.connection_string = closed.connection_string()}};
  CHECK(worst_of(look_at(probe)) ==
        "answers fail: The server is starting up, shutting down or recovering, and takes no "
        "connections yet. (SQLSTATE 57P03)");
}
