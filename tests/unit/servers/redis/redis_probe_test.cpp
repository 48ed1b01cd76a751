// A real Redis is lost, stopped, filled, cut off from its primary and kept busy: the probe says so in time, for
// the right reason, and says when it is over.

#include "redis_admin.hpp"

#include <querytap/servers/redis/redis_probe.hpp>
#include <querytap/servers/redis/redis_write_probe.hpp>
#include <support/fork.hpp>
#include <support/told_server.hpp>
#include <support/wait.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::address_of;
using querytap::testing::became_true;
using querytap::testing::exit_code_of_child;
using querytap::testing::measurement_in;
using querytap::testing::redis_admin;
using querytap::testing::redis_server;
using querytap::testing::temporary_folder;
using querytap::testing::told_server;
using querytap::testing::verdict;
using querytap::testing::within;

namespace {

constexpr auto refused = "error: cannot connect to the server";
constexpr auto late = "error: the server did not answer in time";

}  // namespace

TEST_CASE("a server passes by port and by socket, and has taken a write", "[redis]") {
  redis_server server;
  redis_probe by_port{{.server = address_of(server), .role = redis_role::primary}};
  redis_probe by_socket{{.server = {.unix_socket = server.socket()}}};
  redis_write_probe writes{{.server = address_of(server)}};
  CHECK(verdict(by_port) == "pass");
  CHECK(verdict(by_socket) == "pass");
  CHECK(verdict(writes) == "pass");
  CHECK(redis_admin{server}.ask({"DBSIZE"}) == "0");
}

TEST_CASE("a server that was killed is down at once, and well once it is back", "[redis]") {
  redis_server server;
  redis_probe probe{{.server = address_of(server)}};
  redis_write_probe writes{{.server = address_of(server)}};
  CHECK(verdict(probe) == "pass");
  CHECK(verdict(writes) == "pass");
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

TEST_CASE("a server that stands still is given up at the deadline", "[redis]") {
  redis_server server;
  redis_probe open{{.server = address_of(server)}};
  redis_probe fresh{{.server = address_of(server), .role = redis_role::any}};
  redis_probe with_password{{.server = {.port = address_of(server).port, .password = "secret"}}};
  redis_write_probe writes{{.server = address_of(server)}};
  CHECK(verdict(open) == "pass");
  server.pause();
  const auto begin = std::chrono::steady_clock::now();
  CHECK(verdict(open, 100ms) == late);
  CHECK(verdict(fresh, 100ms) == late);
  CHECK(verdict(with_password, 100ms) == late);
  CHECK(verdict(writes, 100ms) == late);
  CHECK(std::chrono::steady_clock::now() - begin < 2s);
  server.resume();
  CHECK(verdict(open) == "pass");
  CHECK(verdict(fresh) == "pass");
}

TEST_CASE("a replica fails while its primary is gone", "[redis]") {
  redis_server primary{{"--repl-diskless-sync-delay", "0"}};
  redis_server replica{{"--replicaof", "127.0.0.1 " + std::to_string(primary.port())}};
  redis_probe probe{{.server = address_of(replica), .role = redis_role::replica}};
  redis_probe of_primary{{.server = address_of(primary), .least_replicas = 1}};
  CHECK(became_true([&] { return verdict(probe) == "pass"; }));
  CHECK(became_true([&] { return verdict(of_primary) == "pass"; }));

  redis_write_probe writes{{.server = address_of(replica)}};
  CHECK(verdict(writes) == "fail write: the server takes no writes: it is a replica (READONLY)");

  primary.crash();
  CHECK(became_true([&] {
    return verdict(probe).starts_with("fail primary_link: the link to the primary is down for ");
  }));
  primary.restart();
  CHECK(became_true([&] { return verdict(probe) == "pass"; }));

  redis_admin{replica}.ask({"REPLICAOF", "NO", "ONE"});
  CHECK(verdict(probe) == "fail role: the server is a primary, but a replica is expected here");
  CHECK(became_true([&] {
    return verdict(of_primary).starts_with("warn replicas: replicas that are connected: 0, of 1");
  }));
}

TEST_CASE("a primary that refuses writes for want of replicas fails until one keeps up",
          "[redis]") {
  redis_server primary{{"--repl-diskless-sync-delay", "0", "--min-replicas-to-write", "1",
                        "--min-replicas-max-lag", "10"}};
  redis_admin admin{primary};
  REQUIRE(admin.ask({"ACL", "SETUSER", "watcher", "on", ">secret", "+info"}) == "OK");
  redis_probe probe{{.server = address_of(primary)}};
  redis_address of_watcher = address_of(primary);
  of_watcher.user = "watcher";
  of_watcher.password = "secret";
  redis_probe knows_no_settings{{.server = of_watcher}};
  redis_write_probe writes{{.server = address_of(primary)}};
  const std::string refusal =
      "fail replicas_keeping_up: writes are refused: replicas that keep up: 0, of ";
  CHECK(verdict(probe) == refusal + "1 that min-replicas-to-write asks for");
  CHECK(verdict(knows_no_settings) == refusal + "at least 1 that min-replicas-to-write asks for");
  CHECK_THAT(verdict(writes), Catch::Contains("(NOREPLICAS)"));
  {
    redis_server replica{{"--replicaof", "127.0.0.1 " + std::to_string(primary.port())}};
    CHECK(became_true([&] { return verdict(probe) == "pass"; }));
    CHECK(verdict(writes) == "pass");
    REQUIRE(admin.ask({"CONFIG", "SET", "min-replicas-to-write", "2"}) == "OK");
    CHECK(verdict(probe) ==
          "fail replicas_keeping_up: writes are refused: replicas that keep up: 1, of 2 that "
          "min-replicas-to-write asks for");
    CHECK(verdict(knows_no_settings) == "pass");
  }
  CHECK(became_true([&] { return verdict(probe).starts_with(refusal + "2 that"); }));
}

TEST_CASE("memory that is full fails, and writes with it", "[redis]") {
  redis_server server;
  redis_admin admin{server};
  redis_probe probe{{.server = address_of(server)}};
  redis_write_probe writes{{.server = address_of(server)}};
  CHECK(verdict(probe) == "pass");
  admin.ask({"CONFIG", "SET", "maxmemory", "500kb"});
  CHECK(verdict(probe).starts_with("fail memory: memory is "));
  CHECK(verdict(writes) ==
        "fail write: the server takes no writes: its memory is full and nothing could be evicted "
        "(OOM)");
  admin.ask({"CONFIG", "SET", "maxmemory", "0"});
  CHECK(verdict(probe) == "pass");
  CHECK(verdict(writes) == "pass");
}

TEST_CASE("a snapshot that cannot be written fails until there is a good one", "[redis]") {
  redis_server server{{"--enable-protected-configs", "yes", "--save", "3600 1000000"}};
  redis_admin admin{server};
  redis_probe probe{{.server = address_of(server)}};
  redis_write_probe writes{{.server = address_of(server)}};
  const temporary_folder good;
  {
    const temporary_folder gone;
    REQUIRE(admin.ask({"CONFIG", "SET", "dir", gone.path().string()}) == "OK");
  }
  REQUIRE(admin.ask({"BGSAVE"}) == "Background saving started");
  CHECK(became_true([&] { return verdict(probe).starts_with("fail background_save: "); }));
  CHECK(verdict(writes) ==
        "fail write: the server takes no writes: it could not save its data (MISCONF)");

  REQUIRE(admin.ask({"CONFIG", "SET", "dir", good.path().string()}) == "OK");
  REQUIRE(admin.ask({"BGSAVE"}) == "Background saving started");
  CHECK(became_true([&] { return verdict(probe) == "pass"; }));
  CHECK(verdict(writes) == "pass");
}

TEST_CASE("a server without free connections fails, inside and outside", "[redis]") {
  redis_server server{{"--maxclients", "10"}};
  redis_probe inside{{.server = address_of(server)}};
  CHECK(verdict(inside) == "pass");
  std::vector<std::unique_ptr<redis_admin>> crowd;
  while (crowd.size() < 9) {
    crowd.push_back(std::make_unique<redis_admin>(server));
    crowd.back()->ask({"PING"});
  }
  CHECK(verdict(inside) == "fail connections: 10 of 10 connections are in use");
  redis_probe outside{{.server = address_of(server)}};
  CHECK(verdict(outside) == "error: the server takes no more connections: maxclients is reached");
  const health_answer answer = inside.look(within(5s));
  CHECK(measurement_in(answer, "refused_connections")->reason ==
        "connections refused since the last look, as maxclients was reached: 1");
  crowd.clear();
  CHECK(became_true([&] { return verdict(inside) == "pass"; }));
  CHECK(verdict(outside) == "pass");
}

TEST_CASE("a server with a long script is busy, and not down", "[redis]") {
  redis_server server{{"--busy-reply-threshold", "10"}};
  redis_probe probe{{.server = address_of(server)}};
  redis_write_probe writes{{.server = address_of(server)}};
  CHECK(verdict(probe) == "pass");
  redis_admin admin{server};
  redis_admin busy{server};
  busy.begin({"EVAL", "while true do end", "0"});
  const std::string expected =
      "warn script: the server is busy with a script and answers nothing else, but is not down";
  CHECK(became_true([&] { return verdict(probe) == expected; }));
  CHECK(verdict(writes) == expected);
  CHECK(admin.ask({"SCRIPT", "KILL"}) == "OK");
  CHECK(became_true([&] { return verdict(probe) == "pass"; }));
}

TEST_CASE("a password that is wanted, wrong or right", "[redis]") {
  redis_server server{{"--requirepass", "canary-secret"}};
  redis_address address = address_of(server);
  redis_admin admin{server};
  REQUIRE(admin.ask({"AUTH", "canary-secret"}) == "OK");
  REQUIRE(admin.ask({"ACL", "SETUSER", "watcher", "on", ">canary-other", "+info"}) == "OK");

  redis_probe without{{.server = address}};
  CHECK(verdict(without) == "error: the server wants a password and was given none");
  address.password = "canary-wrong";
  redis_probe wrong{{.server = address}};
  CHECK(verdict(wrong) == "error: the server does not know this user and password");
  address.password = "canary-secret";
  redis_probe right{{.server = address}};
  CHECK(verdict(right) == "pass");
  address.user = "watcher";
  address.password = "canary-other";
  redis_probe watcher{{.server = address}};
  CHECK(verdict(watcher) == "pass");
  redis_write_probe writes{{.server = address}};
  CHECK(verdict(writes) == "fail write: the user lacks the right to a command");
}

TEST_CASE("a probe is of use in the child of a fork, and in the parent afterwards", "[redis]") {
  redis_server server;
  redis_probe probe{{.server = address_of(server)}};
  CHECK(verdict(probe) == "pass");
  CHECK(exit_code_of_child([&] { return verdict(probe) == "pass"; }) == 0);
  CHECK(verdict(probe) == "pass");
}

TEST_CASE("a server that is no Redis, or stops in the middle of an answer", "[redis]") {
  const auto verdict_on = [](const std::string& answer) {
    const told_server server{answer, told_server::afterwards::silence};
    redis_probe probe{{.server = {.port = static_cast<std::uint16_t>(server.port())}}};
    return verdict(probe, 200ms);
  };
  CHECK(verdict_on("$100\r\nrole:ma") == late);
  CHECK(verdict_on("") == late);
  CHECK(verdict_on("HTTP/1.1 400 Bad Request\r\n\r\n") ==
        "error: the server's answer cannot be read");
  CHECK(verdict_on(":5\r\n") == "error: the server's answer is not that of a Redis");
  CHECK(verdict_on("*-1\r\n") == "error: the server's answer is not that of a Redis");
  CHECK(verdict_on("-ERR canary\r\n") == "error: the server refuses with the error ERR");
  CHECK(verdict_on("-CLUSTERDOWN canary\r\n") ==
        "error: the cluster does not serve all of its slots (CLUSTERDOWN)");
}

TEST_CASE("a list that a server announces takes no memory before it comes", "[redis]") {
  const told_server lying{"*2000000000\r\n", told_server::afterwards::silence};
  const told_server nesting{"*1\r\n*1\r\n*70000\r\n", told_server::afterwards::silence};
  const auto begin = std::chrono::steady_clock::now();
  for (const told_server* const server : {&lying, &nesting}) {
    redis_probe probe{{.server = {.port = static_cast<std::uint16_t>(server->port())}}};
    CHECK(verdict(probe, 500ms) == "error: the server's answer cannot be read");
  }
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
}

TEST_CASE("a password for a server that wants none is a reason of its own", "[redis]") {
  redis_server server;
  redis_probe probe{
      {.server = {.port = static_cast<std::uint16_t>(server.port()), .password = "canary"}}};
  CHECK(verdict(probe) == "error: the server was given a password and wants none");
}

TEST_CASE("a host that is not known is a reason of its own", "[redis]") {
  redis_probe probe{{.server = {.host = "nowhere.invalid"}}};
  CHECK(verdict(probe) == "error: the name of the server's host is not known");
}

TEST_CASE("what is no host and no socket is refused, and not shown", "[redis]") {
  for (const char* const host :
       {":canary", "user:canary", "redis://:canary@cache", "canary@cache", "cache:6379"}) {
    INFO(host);
    CHECK_THROWS_WITH((redis_probe{{.server = {.host = host}}}),
                      Catch::Contains("(not shown)") && !Catch::Contains("canary"));
  }
  for (const char* const socket : {"redis://:canary@cache", ":canary@cache", "canary"}) {
    INFO(socket);
    CHECK_THROWS_WITH((redis_probe{{.server = {.unix_socket = socket}}}),
                      Catch::Contains("(not shown)") && !Catch::Contains("canary"));
  }
  for (const char* const host : {"cache", "127.0.0.1", "::1", "fe80::1%eth0"}) {
    INFO(host);
    CHECK_NOTHROW(redis_probe{{.server = {.host = host}}});
  }
  CHECK_NOTHROW(redis_probe{{.server = {.unix_socket = "/run/redis.sock"}}});
}
