// What a real Redis says of itself arrives as it said it: numbers, commands as the application's statements, slow
// commands once each, and a reason for what it does not offer.

#include "redis_admin.hpp"

#include <querytap/decorators/redis.hpp>
#include <querytap/servers/redis/redis_collector.hpp>
#include <querytap/testing/capture.hpp>
#include <servers/redis/redis_instruments.hpp>
#include <servers/redis/redis_statements.hpp>
#include <support/collected_numbers.hpp>
#include <support/wait.hpp>
#include <unit/servers/answers.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <set>
#include <string>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::address_of;
using querytap::testing::became_true;
using querytap::testing::collect_error_of;
using querytap::testing::collected_by;
using querytap::testing::everything_in;
using querytap::testing::lacking_reason;
using querytap::testing::number_in;
using querytap::testing::redis_admin;
using querytap::testing::redis_server;

namespace {

std::string statement_of(std::string_view name, std::int64_t arity) {
  return detail::statement_of_redis_command(name, arity).text;
}

}  // namespace

TEST_CASE("numbers are the server's, with its address", "[redis]") {
  redis_server server;
  redis_admin admin{server};
  admin.ask({"SET", "canary-key", "canary-value", "EX", "1000"});
  admin.ask({"SET", "b", "2"});
  admin.ask({"GET", "b"});
  admin.ask({"GET", "canary-missing"});
  admin.ask({"LPUSH", "b", "1"});
  admin.ask({"canarycommand"});
  admin.ask({"CONFIG", "SET", "maxmemory", "100mb"});
  redis_collector collector{{.server = address_of(server)}};
  const collected found = collected_by(collector);

  CHECK(number_in(found, "redis.clients.connected") == 2.0);
  CHECK(number_in(found, "redis.clients.limit") == 10000.0);
  CHECK(number_in(found, "redis.maxmemory") == 104857600.0);
  CHECK(number_in(found, "redis.keyspace.hits") == 1.0);
  CHECK(number_in(found, "redis.keyspace.misses") == 1.0);
  CHECK(number_in(found, "redis.rdb.changes_since_last_save") == 2.0);
  CHECK(number_in(found, "redis.rdb.last_save.ok") == 1.0);
  CHECK(number_in(found, "redis.role", {{"role", "primary"}}) == 1.0);
  CHECK(number_in(found, "redis.server.info", {{"redis.mode", "standalone"}}) == 1.0);
  CHECK(number_in(found, "redis.db.keys", {{"db", "0"}}) == 2.0);
  CHECK(number_in(found, "redis.db.expires", {{"db", "0"}}) == 1.0);
  CHECK(number_in(found, "redis.cmd.calls", {{"cmd", "set"}}) == 2.0);
  CHECK(number_in(found, "redis.cmd.calls", {{"cmd", "config|set"}}) == 1.0);
  CHECK(number_in(found, "redis.cmd.failed", {{"cmd", "lpush"}}) == 1.0);
  CHECK(number_in(found, "redis.errors", {{"error.type", "WRONGTYPE"}}) == 1.0);
  CHECK(number_in(found, "redis.errors", {{"error.type", "ERR"}}) == 1.0);
  CHECK(number_in(found, "redis.cmd.latency", {{"cmd", "get"}, {"percentile", "p99"}}) > 0.0);
  CHECK(number_in(found, "redis.cpu.time", {{"state", "user"}}).has_value());
  CHECK(number_in(found, "redis.memory.fragmentation_ratio") > 1.0);
  CHECK(found.unavailable().empty());

  for (const collected::number& each : found.numbers()) {
    CHECK(*each.labels.find("db.system.name") == attribute_value{std::string{"redis"}});
    CHECK(*each.labels.find("server.address") == attribute_value{std::string{"127.0.0.1"}});
    CHECK(*each.labels.find("server.port") == attribute_value{std::int64_t{server.port()}});
  }
  CHECK(everything_in(found).find("canary") == std::string::npos);
  CHECK(collector.name() == "redis 127.0.0.1:" + std::to_string(server.port()));
}

TEST_CASE("each instrument is described, and carries no labels but its own", "[redis]") {
  std::set<std::string_view> names;
  for (const instrument* const each : catalog::redis::all) {
    CHECK(names.insert(each->name).second);
    CHECK(!each->unit.empty());
    CHECK(each->description.ends_with('.'));
  }
  redis_collector collector{{.server = address_of(redis_server::shared())}};
  const collected found = collected_by(collector);
  for (const collected::number& each : found.numbers()) {
    CHECK(names.contains(each.instrument->name));
    for (const attribute& label : each.labels) {
      INFO(each.instrument->name << " " << label.key);
      CHECK(std::ranges::count(each.instrument->attributes, label.key) == 1);
    }
  }
}

TEST_CASE("a command is the statement of its plainest form") {
  CHECK(statement_of("get", 2) == "GET ?");
  CHECK(statement_of("set", -3) == "SET ? ?");
  CHECK(statement_of("ping", -1) == "PING");
  CHECK(statement_of("config|get", -3) == "CONFIG GET ?");
  CHECK(statement_of("evalsha", -3) == "EVALSHA ?");
}

// The counters are the server's since it began: the application's own calls must be all that there were.
TEST_CASE("commands are joined with the application's calls by their statement", "[redis]") {
  redis_server server;
  capture telemetry;
  {
    const std::unique_ptr<redis::connection, void (*)(redis::connection*)> cache{
        redis::redisConnect(telemetry.recorder(), "127.0.0.1", server.port()),
        [](redis::connection* connection) { redisFree(connection); }};
    const auto run = [&](redis::command_format format) {
      ::freeReplyObject(redisCommand(cache.get(), format));
    };
    for (int i = 0; i < 3; ++i) {
      run("SET a 1");
      run("GET a");
      run("INCR a");
      run("EXPIRE a 100");
      run("HSET h f 1");
      run("HGET h f");
      run("LPUSH l 1 2 3");
      run("LRANGE l 0 -1");
      run("SADD s 1 2");
      run("ZADD z 1 m");
      run("ZRANGE z 0 -1");
      run("HSCAN h 0");
      run("MGET a b c");
      run("DEL a");
      run("PING");
      run("DBSIZE");
      run("CONFIG GET maxmemory");
      run("OBJECT ENCODING l");
      run("XADD x * f 1");
      run("XRANGE x - +");
    }
  }
  std::map<std::uint64_t, std::uint64_t> calls_of_application;
  std::size_t statements = 0;
  for (const point& each : telemetry.recorder().collect().find("db.client.operation.duration")) {
    calls_of_application[each.statement->fingerprint] += each.histogram->count();
    ++statements;
  }
  redis_collector collector{{.server = address_of(server)}};
  const collected found = collected_by(collector);
  std::size_t joined = 0;
  std::chrono::nanoseconds time{};
  for (const server_statement& each : found.statements()) {
    const auto own = calls_of_application.find(each.statement->fingerprint);
    if (own == calls_of_application.end()) continue;
    INFO(each.statement->text);
    CHECK(each.calls == own->second);
    time += each.time;
    ++joined;
  }
  CHECK(statements == 20);
  CHECK(joined == 20);
  CHECK(time > 0ns);  // in whole µs: of a PING 0
  CHECK(collector.calls_to_join() == attributes{{"db.system.name", "redis"},
                                                {"server.address", "127.0.0.1"},
                                                {"server.port", server.port()}});
}

TEST_CASE("a slow command is counted once, without what it was about", "[redis]") {
  redis_server server{{"--slowlog-log-slower-than", "0", "--slowlog-max-len", "20"}};
  redis_admin admin{server};
  redis_collector collector{{.server = address_of(server)}};
  for (int i = 0; i < 3; ++i) admin.ask({"SET", "canary-key", "canary-value"});
  admin.ask({"EVAL", "return redis.call('GET', 'canary-key')", "0"});
  const auto entries = [](const collected& found, const char* command) {
    return number_in(found, "redis.slowlog.entries", {{"cmd", command}});
  };
  collected found = collected_by(collector);
  CHECK(entries(found, "set") == 3.0);
  CHECK(entries(found, "eval") == 1.0);
  CHECK(entries(found, "get") == 1.0);  // the script's own
  CHECK(number_in(found, "redis.slowlog.time", {{"cmd", "set"}}) > 0.0);
  found = collected_by(collector);
  CHECK(entries(found, "set") == 3.0);
  CHECK(everything_in(found).find("canary") == std::string::npos);

  for (int i = 0; i < 30; ++i) admin.ask({"SET", "a", "b"});
  found = collected_by(collector);
  CHECK(number_in(found, "redis.slowlog.missed") > 0.0);

  server.crash();
  server.restart();
  redis_admin{server}.ask({"SET", "a", "b"});
  const double before = entries(found, "set").value();
  found = collected_by(collector);
  CHECK(entries(found, "set") == before + 1);
}

TEST_CASE("what the user may not ask is named as lacking", "[redis]") {
  redis_server server{{"--latency-tracking", "no"}};
  redis_admin admin{server};
  admin.ask({"ACL", "SETUSER", "watcher", "on", ">canary", "+info"});
  redis_address address = address_of(server);
  address.user = "watcher";
  address.password = "canary";
  redis_collector collector{{.server = address}};
  collected found = collected_by(collector);
  CHECK(lacking_reason(found, "redis.slowlog") == "needs +slowlog|get");
  CHECK(lacking_reason(found, "statements") ==
        "commands with several arguments are not joined: needs +command|info");
  CHECK(lacking_reason(found, "redis.cmd.latency") == "needs Redis 7.0 with latency-tracking on");
  CHECK(!number_in(found, "redis.slowlog.missed"));
  CHECK(everything_in(found).find("canary") == std::string::npos);

  admin.ask({"ACL", "SETUSER", "watcher", "+slowlog|get", "+command|info"});
  redis_collector again{{.server = address}};
  found = collected_by(again);
  CHECK(lacking_reason(found, "redis.slowlog").empty());
  CHECK(lacking_reason(found, "statements").empty());

  admin.ask({"ACL", "SETUSER", "watcher", "-info"});
  CHECK(collect_error_of(again) == "the user lacks the right to a command");
}

TEST_CASE("commands and databases past the limit are one series, which never falls", "[redis]") {
  redis_server server;
  redis_admin admin{server};
  for (const char* const database : {"0", "1", "2", "3"}) {
    admin.ask({"SELECT", database});
    admin.ask({"MSET", "a", "1", "b", "2"});
  }
  redis_collector collector{
      {.server = address_of(server), .most_commands = 1, .most_databases = 2}};
  const collected found = collected_by(collector);
  CHECK(number_in(found, "redis.db.keys", {{"db", "_OTHER"}}) == 4.0);
  const auto rest = [](const collected& numbers) {
    return number_in(numbers, "redis.cmd.calls", {{"cmd", "_OTHER"}}).value();
  };
  CHECK(rest(found) >= 4);
  CHECK(found.statements().size() == 1);
  for (int i = 0; i < 200; ++i) admin.ask({"GET", "a"});  // now the largest
  CHECK(rest(collected_by(collector)) >= rest(found));
}

TEST_CASE("a word that a script made up is not shown", "[redis]") {
  redis_server server;
  redis_admin{server}.ask({"EVAL", "return redis.error_reply('canary-word text')", "0"});
  redis_collector collector{{.server = address_of(server)}};
  const collected found = collected_by(collector);
  CHECK(number_in(found, "redis.errors", {{"error.type", "script"}}) == 1.0);
  CHECK(everything_in(found).find("canary") == std::string::npos);
}

TEST_CASE("a replica shows its link", "[redis]") {
  redis_server primary{{"--repl-diskless-sync-delay", "0"}};
  redis_server replica{{"--replicaof", "127.0.0.1 " + std::to_string(primary.port())}};
  redis_collector collector{{.server = address_of(replica)}};
  CHECK(became_true(
      [&] { return number_in(collected_by(collector), "redis.replication.link.up") == 1.0; }));
  CHECK(number_in(collected_by(collector), "redis.role", {{"role", "replica"}}) == 1.0);
  redis_collector of_primary{{.server = address_of(primary)}};
  CHECK(number_in(collected_by(of_primary), "redis.slaves.connected") == 1.0);
  CHECK(!number_in(collected_by(of_primary), "redis.replication.link.up"));
  primary.crash();
  CHECK(became_true(
      [&] { return number_in(collected_by(collector), "redis.replication.link.up") == 0.0; }));
}

TEST_CASE("a server that stands still, is gone or busy is given up in time, for that reason",
          "[redis]") {
  redis_server server{{"--busy-reply-threshold", "10"}};
  redis_collector collector{{.server = address_of(server)}};
  CHECK(collect_error_of(collector) == "");
  server.pause();
  const auto begin = std::chrono::steady_clock::now();
  CHECK(collect_error_of(collector, 100ms) == "the server did not answer in time");
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  server.resume();
  CHECK(collect_error_of(collector) == "");

  redis_admin admin{server};
  redis_admin busy{server};
  busy.begin({"EVAL", "while true do end", "0"});
  CHECK(became_true([&] {
    return collect_error_of(collector) ==
           "the server is busy with a script and answers nothing else";
  }));
  admin.ask({"SCRIPT", "KILL"});
  CHECK(became_true([&] { return collect_error_of(collector).empty(); }));

  server.crash();
  CHECK(collect_error_of(collector) == "cannot connect to the server");
  server.restart();
  CHECK(collect_error_of(collector) == "");
}

TEST_CASE("counters that were reset are shown as the server has them", "[redis]") {
  redis_server server;
  redis_admin admin{server};
  redis_collector collector{{.server = address_of(server)}};
  for (int i = 0; i < 5; ++i) admin.ask({"GET", "a"});
  CHECK(number_in(collected_by(collector), "redis.cmd.calls", {{"cmd", "get"}}) == 5.0);
  admin.ask({"CONFIG", "RESETSTAT"});
  admin.ask({"GET", "a"});
  CHECK(number_in(collected_by(collector), "redis.cmd.calls", {{"cmd", "get"}}) == 1.0);
}
