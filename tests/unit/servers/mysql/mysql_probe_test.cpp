// A real MariaDB is lost, stopped, filled, made read-only, locked and lagged: the probe says so in time, for the
// right reason, and says when it is over.

#include "mariadb_with_accounts.hpp"

#include <querytap/base/error.hpp>
#include <querytap/servers/mysql/mysql_probe.hpp>
#include <querytap/servers/mysql/mysql_write_probe.hpp>
#include <support/fork.hpp>
#include <support/told_server.hpp>
#include <support/wait.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <string>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::address_of;
using querytap::testing::ask;
using querytap::testing::bare_mysql;
using querytap::testing::became_true;
using querytap::testing::connect_bare;
using querytap::testing::exit_code_of_child;
using querytap::testing::mariadb_server;
using querytap::testing::mariadb_with_accounts;
using querytap::testing::told_server;
using querytap::testing::verdict;

namespace {

constexpr auto refused = "error: cannot connect to the database";
constexpr auto late = "error: the server did not answer in time";

}  // namespace

TEST_CASE("a MariaDB that is killed, stopped or locked is so at once, and well afterwards",
          "[mysql]") {
  mariadb_server server{{"--max-connections=10"}};
  bare_mysql admin = connect_bare(server);
  ask(admin.get(), "create database zoo");
  mysql_probe probe{{.server = address_of(server), .role = mysql_role::primary}};
  mysql_write_probe writes{{.server = address_of(server), .database = "zoo"}};
  CHECK(verdict(probe) == "pass");
  CHECK(verdict(writes) == "pass");
  CHECK(ask(admin.get(), "select count(*) from zoo.querytap_probe") == "0");

  SECTION("killed") {
    admin.reset();
    server.crash();
    CHECK(verdict(probe) == refused);
    CHECK(verdict(writes) == refused);
    server.restart();
    CHECK(verdict(probe) == "pass");
    server.crash();
    server.restart();  // unnoticed: the old connection is replaced within the look
    CHECK(verdict(probe) == "pass");
    CHECK(verdict(writes) == "pass");
  }
  SECTION("stopped") {
    server.pause();
    const auto begin = std::chrono::steady_clock::now();
    CHECK(verdict(probe, 100ms) == late);
    CHECK(verdict(probe, 100ms) == late);  // on a new connection
    CHECK(verdict(writes, 100ms) == late);
    CHECK(std::chrono::steady_clock::now() - begin < 2s);
    server.resume();
    CHECK(verdict(probe) == "pass");
    CHECK(verdict(writes) == "pass");
  }
  SECTION("read-only") {
    // Users with every right, as without accounts, write nevertheless: see the server with accounts.
    ask(admin.get(), "set global read_only = on");
    CHECK(verdict(probe) == "fail role: the server is read-only, but a primary is expected here");
    ask(admin.get(), "set global read_only = off");
    CHECK(verdict(probe) == "pass");
  }
  SECTION("locked") {
    ask(admin.get(), "lock tables zoo.querytap_probe write");
    CHECK(verdict(writes) == "fail write: the server refuses with error 1205");
    ask(admin.get(), "unlock tables");
    CHECK(verdict(writes) == "pass");
    ask(admin.get(), "drop table zoo.querytap_probe");
    CHECK(verdict(writes) == "fail write: the server refuses with error 1146");
    CHECK(verdict(writes) == "pass");  // made anew
  }
  SECTION("transactions") {
    mysql_probe strict{{.server = address_of(server), .most_transaction_time = 1s}};
    ask(admin.get(),
        "create table zoo.t(id int primary key) engine = innodb; insert into zoo.t values (1);"
        "begin; select * from zoo.t for update");
    // InnoDB shows what it saw last while it is asked again within a tenth of a second.
    const auto seen = [&] {
      std::this_thread::sleep_for(150ms);
      return verdict(strict);
    };
    CHECK(became_true([&] {
      return seen().starts_with("warn longest_transaction: a transaction has been open for ");
    }));
    ask(admin.get(), "rollback");
    CHECK(seen() == "pass");
  }
  SECTION("full") {
    // One more may connect for a user with every right.
    std::vector<bare_mysql> crowd;
    const auto all_in_use = [&] {
      return ask(admin.get(),
                 "select variable_value from information_schema.global_status where "
                 "variable_name = 'Threads_connected'") == "11";
    };
    while (!all_in_use()) crowd.push_back(connect_bare(server));
    CHECK(verdict(probe) == "fail connections: 11 of 10 connections are in use");
    mysql_probe outside{{.server = address_of(server)}};
    CHECK(verdict(outside) ==
          "error: the server takes no more connections: max_connections is reached");
    crowd.clear();
    CHECK(became_true([&] { return verdict(probe) == "pass"; }));
    CHECK(verdict(outside) == "pass");
  }
  SECTION("in the child of a fork") {
    CHECK(exit_code_of_child([&] { return verdict(probe) == "pass"; }) == 0);
    CHECK(verdict(probe) == "pass");
  }
}

TEST_CASE("a server that never says that it is a MariaDB is given up at the deadline", "[mysql]") {
  const told_server server{"", told_server::afterwards::silence};
  mysql_probe probe{{.server = {.host = "127.0.0.1",
                                .port = static_cast<std::uint16_t>(server.port()),
                                .user = "root"}}};
  const auto begin = std::chrono::steady_clock::now();
  CHECK(verdict(probe, 100ms) == late);
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
}

TEST_CASE("a probe without a user or a database is a mistake") {
  CHECK_THROWS_AS(mysql_probe(mysql_probe_options{}), configuration_error);
  CHECK_THROWS_AS(mysql_write_probe({.server = {.user = "root"}}), configuration_error);
  CHECK_THROWS_AS(mysql_probe({.server = {.host = "root:secret", .user = "root"}}),
                  configuration_error);
  CHECK_THROWS_AS(
      mysql_probe({.server = {.unix_socket = "mysql://root:secret@db", .user = "root"}}),
      configuration_error);
}

TEST_CASE("a replica that is late, stopped or cut off fails for that reason", "[mysql]") {
  mariadb_server primary{{"--log-bin", "--server-id=1"}};
  mariadb_server replica{{"--log-bin", "--server-id=2", "--read-only"}};
  const bare_mysql of_primary = connect_bare(primary);
  const bare_mysql of_replica = connect_bare(replica);
  mysql_probe probe{{.server = address_of(replica), .role = mysql_role::replica, .most_lag = 1s}};
  CHECK(verdict(probe) ==
        "fail role: the server replicates from no other, but a replica is expected here");

  // Without accounts there is no database for the state of replication.
  ask(of_replica.get(), "create database mysql");
  ask(of_replica.get(),
      "change master to master_host = '127.0.0.1', master_port = " +
          std::to_string(primary.port()) +
          ", master_user = 'root', master_use_gtid = no, master_connect_retry = 1; "
          "start slave");
  CHECK(became_true([&] { return verdict(probe) == "pass"; }));

  ask(of_replica.get(), "stop slave sql_thread");
  CHECK(verdict(probe).starts_with(
      "fail replication_applier: the replica does not apply what it gets"));
  ask(of_replica.get(), "stop slave; change master to master_delay = 3; start slave");
  ask(of_primary.get(), "create database zoo");
  CHECK(became_true(
      [&] { return verdict(probe).starts_with("warn replication_lag: the replica is "); }));
  CHECK(became_true([&] { return verdict(probe) == "pass"; }));

  primary.crash();
  CHECK(became_true([&] {
    return verdict(probe).starts_with("fail replication_receiver: the replica gets nothing");
  }));
  primary.restart();
  CHECK(became_true([&] { return verdict(probe) == "pass"; }));
}

TEST_CASE("a user without rights learns what is missing", "[mysql]") {
  mariadb_with_accounts accounts;
  const bare_mysql root = connect_bare(accounts.server());
  ask(root.get(), "create database zoo");
  mysql_address wrong = accounts.watcher();
  wrong.password = "canary-wrong";
  mysql_probe stranger{{.server = wrong}};
  CHECK(verdict(stranger) == "error: the server does not accept this user and password");

  mysql_probe probe{{.server = accounts.watcher(), .role = mysql_role::replica}};
  mysql_write_probe writes{{.server = accounts.watcher(), .database = "zoo"}};
  CHECK(verdict(probe) ==
        "warn role: whether the server replicates cannot be seen: the right is missing");
  CHECK(verdict(writes) == "fail write: the server refuses with error 1142");

  ask(root.get(),
      "grant slave monitor, process on *.* to watcher@'127.0.0.1'; "
      "grant create, select, insert, delete on zoo.* to watcher@'127.0.0.1'");
  mysql_probe again{{.server = accounts.watcher()}};
  mysql_write_probe writes_again{{.server = accounts.watcher(), .database = "zoo"}};
  CHECK(verdict(again) == "pass");
  CHECK(verdict(writes_again) == "pass");
  ask(root.get(), "set global read_only = on");
  CHECK(verdict(writes_again) == "fail write: the server refuses with error 1290");
}
