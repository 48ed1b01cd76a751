// What a MariaDB says of itself becomes a verdict with a reason in numbers, for states too that it is rarely in.

#include <servers/mysql/mysql_judgement.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <string>

using namespace querytap;
using detail::judge_mysql;
using detail::mysql_channel;
using detail::mysql_look;
using detail::mysql_variables;
using querytap::testing::verdict;

namespace {

mysql_variables status_with(const char* name, const char* value) {
  mysql_variables status{detail::mysql_rows{{"Threads_connected", "5"},
                                            {"Threads_running", "1"},
                                            {"Aborted_connects", "3"},
                                            {"Aborted_clients", "4"},
                                            {"Connection_errors_max_connections", "0"}}};
  status.set(name, value);
  return status;
}

mysql_look well() {
  return {.status = status_with("Threads_connected", "5"),
          .max_connections = 100,
          .channels = std::vector<mysql_channel>{},
          .transactions = detail::mysql_transactions{}};
}

mysql_look replicating(const mysql_channel& channel) {
  mysql_look look = well();
  look.is_read_only = true;
  look.channels = {channel};
  return look;
}

const mysql_channel running{.receiver = "Yes", .is_applying = true, .lag = 0};

std::string verdict_on(const mysql_look& look, const mysql_probe_options& options = {}) {
  const mysql_variables before = status_with("Threads_connected", "5");
  return verdict(judge_mysql(look, options, &before));
}

}  // namespace

TEST_CASE("a MariaDB in good order passes") {
  CHECK(verdict_on(well(), {.role = mysql_role::primary}) == "pass");
  CHECK(verdict_on(replicating(running), {.role = mysql_role::replica}) == "pass");
}

TEST_CASE("a MariaDB with another role than it is needed as fails") {
  mysql_look look = well();
  CHECK(verdict_on(look, {.role = mysql_role::replica}) ==
        "fail role: the server replicates from no other, but a replica is expected here");
  look.is_read_only = true;
  CHECK(verdict_on(look) == "pass");
  CHECK(verdict_on(look, {.role = mysql_role::primary}) ==
        "fail role: the server is read-only, but a primary is expected here");
  look = replicating(running);
  look.is_read_only = false;
  CHECK(verdict_on(look, {.role = mysql_role::replica}) ==
        "warn writes: the replica takes writes, with which it may drift from its primary");
  look.channels.reset();
  CHECK(verdict_on(look, {.role = mysql_role::replica}) ==
        "warn role: whether the server replicates cannot be seen: the right is missing");
  CHECK(verdict_on(look) == "pass");
}

TEST_CASE("replication that has stopped fails, with the server's error number") {
  CHECK(verdict_on(
            replicating({.receiver = "Connecting", .is_applying = true, .receiver_error = 2003})) ==
        "fail replication_receiver: the replica gets nothing from its primary: its state is "
        "Connecting, with "
        "the error 2003");
  CHECK(verdict_on(replicating({.receiver = "Yes", .is_applying = false, .applier_error = 1062})) ==
        "fail replication_applier: the replica does not apply what it gets, with the error 1062");
}

TEST_CASE("a replica that is late is a warning, and a failure when it is very late") {
  mysql_channel late = running;
  late.lag = 9;
  CHECK(verdict_on(replicating(late)) == "pass");
  late.lag = 12;
  CHECK(verdict_on(replicating(late)) ==
        "warn replication_lag: the replica is 12 s behind its primary");
  late.lag = 60;
  CHECK(verdict_on(replicating(late)) ==
        "fail replication_lag: the replica is 60 s behind its primary");
  using namespace std::chrono_literals;
  CHECK(verdict_on(replicating(late), {.most_lag = 100s}) == "pass");
}

TEST_CASE("connections that are used up, refused or lost are told apart") {
  mysql_look look = well();
  look.status = status_with("Threads_connected", "80");
  CHECK(verdict_on(look) == "warn connections: 80 of 100 connections are in use");
  look.status = status_with("Threads_connected", "99");
  CHECK(verdict_on(look) == "fail connections: 99 of 100 connections are in use");
  look.status = status_with("Connection_errors_max_connections", "2");
  CHECK(verdict_on(look) ==
        "fail refused_connections: connections refused since the last look, as max_connections was "
        "reached: 2");
  look.status = status_with("Aborted_connects", "20");
  CHECK(verdict_on(look) ==
        "warn aborted_connects: connections that failed since the last look, refused or with a "
        "wrong password: 17");
  look.status = status_with("Aborted_clients", "14");
  CHECK(verdict_on(look) ==
        "warn aborted_clients: clients that went away since the last look without closing their "
        "connection: 10");
  look.status = status_with("Aborted_clients", "0");  // after FLUSH STATUS or a restart
  CHECK(verdict_on(look) == "pass");
}

TEST_CASE("transactions that are open for long, and waits for locks") {
  mysql_look look = well();
  look.transactions = {.count = 1, .longest = 61};
  CHECK(verdict_on(look) == "warn longest_transaction: a transaction has been open for 61 s");
  look.transactions = {.count = 1, .longest = 600};
  CHECK(verdict_on(look) == "fail longest_transaction: a transaction has been open for 600 s");
  look.transactions = {.count = 3, .longest = 10, .waiting = 2, .longest_wait = 6};
  CHECK(verdict_on(look) ==
        "warn longest_lock_wait: a transaction has waited for a lock for 6 s; waiting in all: 2");
  look.transactions.reset();
  CHECK(verdict_on(look) == "pass");
}

TEST_CASE("the words of MySQL and of MariaDB mean the same") {
  const mysql_channel of_mariadb = detail::channel_in({{"Connection_name", "a"},
                                                       {"Slave_IO_Running", "Yes"},
                                                       {"Slave_SQL_Running", "Yes"},
                                                       {"Seconds_Behind_Master", "3"}});
  CHECK(of_mariadb.name == "a");
  CHECK(of_mariadb.receiver == "Yes");
  CHECK(of_mariadb.is_applying);
  CHECK(of_mariadb.lag == 3);
  const mysql_channel of_mysql = detail::channel_in({{"Channel_Name", ""},
                                                     {"Replica_IO_Running", "Connecting"},
                                                     {"Replica_SQL_Running", "No"},
                                                     {"Seconds_Behind_Source", ""},
                                                     {"Last_SQL_Errno", "1062"}});
  CHECK(of_mysql.receiver == "Connecting");
  CHECK(!of_mysql.is_applying);
  CHECK(!of_mysql.lag);
  CHECK(of_mysql.applier_error == 1062);
}
