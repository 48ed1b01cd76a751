// What Redis counts for a command stands beside the application's calls of it, in all their forms.

#include <querytap/decorators/redis.hpp>
#include <querytap/runtime/collectors/collectors.hpp>
#include <querytap/servers/redis/redis_collector.hpp>
#include <querytap/servers/redis/redis_probe.hpp>
#include <querytap/servers/redis/redis_write_probe.hpp>
#include <querytap/testing/capture.hpp>
#include <support/redis_server.hpp>

#include <catch2/catch.hpp>

#include <map>
#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;

/// Rows of the snapshot by the operation.
std::map<std::string, joined_statement> joined_commands(recorder& telemetry) {
  std::map<std::string, joined_statement> rows;
  for (const auto& source : telemetry.collect().sources) {
    for (const joined_statement& row : source->statements) {
      if (row.server.statement == nullptr) continue;  // what the application has not called
      rows.emplace(row.server.statement->summary, row);
    }
  }
  return rows;
}

}  // namespace

TEST_CASE("commands of two clients are the server's numbers and the application's", "[redis]") {
  const testing::redis_server server;
  recorder telemetry{{.service_name = "chatbot"}};
  collectors sources{
      telemetry,
      {.sources = {std::make_shared<redis_collector>(redis_collector_options{
           .server = {.host = "127.0.0.1", .port = static_cast<std::uint16_t>(server.port())}})}}};
  sources.ask_now();

  redis::connection* const cache = redis::redisConnect(telemetry, "127.0.0.1", server.port());
  redisContext* const other = ::redisConnect("127.0.0.1", server.port());
  for (int i = 0; i < 5; ++i) {
    freeReplyObject(redisCommand(cache, "SET session:%d %s", i, "state"));
    freeReplyObject(redisCommand(cache, "SET session:%d %s EX 60", i, "state"));
    freeReplyObject(redisCommand(cache, "GET session:%d", i));
  }
  for (int i = 0; i < 3; ++i) freeReplyObject(redisCommand(other, "GET session:%d", i));
  sources.ask_now();

  const auto rows = joined_commands(telemetry);
  REQUIRE(rows.contains("SET"));
  CHECK(rows.at("SET").client_calls == 10);
  CHECK(rows.at("SET").server.calls == 10);
  CHECK(rows.at("SET").remark.empty());
  CHECK(rows.at("SET").outside_server() > 0ns);
  REQUIRE(rows.contains("GET"));
  CHECK(rows.at("GET").client_calls == 5);
  CHECK(rows.at("GET").server.calls == 8);
  CHECK(rows.at("GET").remark ==
        "other clients, pipelines, transactions or scripts made 3 or more of the server's calls");
  redisFree(cache);
  redisFree(other);
}

TEST_CASE("what a collector and probes ask a Redis is no other client's", "[redis]") {
  const testing::redis_server server;
  const redis_address address{.host = "127.0.0.1",
                              .port = static_cast<std::uint16_t>(server.port())};
  recorder telemetry{{.service_name = "chatbot"}};
  collectors sources{
      telemetry,
      {.sources = {std::make_shared<redis_collector>(redis_collector_options{.server = address})}}};
  redis_probe probe{{.server = address}};
  redis_write_probe writes{{.server = address}};
  sources.ask_now();
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(probe.look(std::chrono::steady_clock::now() + 10s));
    static_cast<void>(writes.look(std::chrono::steady_clock::now() + 10s));
    sources.ask_now();
  }
  const auto sources_now = telemetry.collect().sources;
  REQUIRE(sources_now.size() == 1);
  REQUIRE(sources_now[0]->statements.size() == 1);
  CHECK(sources_now[0]->statements[0].remark == "querytap's own questions");
  CHECK(sources_now[0]->statements[0].server.calls >= 3 * 4);
}
