// Servers that die, stand still, answer nonsense or send keys elsewhere: the right error, once, and no
// call is lost.

#include <support/told_server.hpp>
#include "redis_client.hpp"

#include <querytap/calls/request.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::redis_handle;
using querytap::testing::redis_server;
using querytap::testing::reply_of;
using querytap::testing::told_server;

struct cache_of {
  explicit cache_of(int port, redis::connection_options options = {})
      : handle{redis::redisConnect(telemetry.recorder(), "127.0.0.1", port, options)} {}

  [[nodiscard]] std::string text() { return telemetry.text("db.client.operation.duration"); }
  auto ask(redis::command_format format) { return reply_of(redisCommand(handle.get(), format)); }

  capture telemetry;
  redis_handle handle;
};

/// The failures of a call that was answered with these bytes, and the server then closed.
std::string error_after(std::string answer) {
  const told_server server{std::move(answer)};
  cache_of cache{server.port()};
  static_cast<void>(cache.ask("GET a"));
  const std::string text = cache.text();
  const std::size_t at = text.find("error.type=");
  CHECK(text.find('\n') == std::string::npos);
  return at == std::string::npos ? "" : text.substr(at + 11, text.find(' ', at) - at - 11);
}

}  // namespace

TEST_CASE("half a reply, nonsense and sizes that nobody can have are errors of their kind",
          "[redis]") {
  CHECK(error_after("") == "broken_connection");
  CHECK(error_after("$10\r\nabc") == "broken_connection");
  CHECK(error_after("*3\r\n$1\r\na\r\n") == "broken_connection");
  CHECK(error_after("-WRONGTYPE half an error") == "broken_connection");
  CHECK(error_after("nonsense\r\n") == "protocol_error");
  CHECK(error_after("$-7\r\n") == "protocol_error");
  CHECK(error_after("$99999999999999999999\r\n") == "protocol_error");
  CHECK(error_after("*99999999999999999999\r\n") == "protocol_error");
  CHECK(error_after("$9223372036854775806\r\nabc") != "");
  CHECK(error_after(":notanumber\r\n") == "protocol_error");
}

TEST_CASE("replies of another type than the command has are passed on", "[redis]") {
  CHECK(error_after(":7\r\n").empty());
  CHECK(error_after("*0\r\n").empty());
  CHECK(error_after("*-1\r\n").empty());
  CHECK(error_after("*2\r\n*1\r\n*1\r\n$1\r\na\r\n$-1\r\n").empty());
  CHECK(error_after("-\r\n") == "_OTHER");
  CHECK(error_after("-ERR\r\n") == "ERR");
  CHECK(error_after("-ANERRORWHOSEPREFIXISLONG canary\r\n") == "_OTHER");
  CHECK(error_after("-canary\r\n") == "_OTHER");
}

TEST_CASE("messages of a strange form are counted, and subscriptions end only by a true end",
          "[redis]") {
  for (const char* answer : {"*1\r\n:1\r\n", "*3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n$1\r\n0\r\n",
                             "*0\r\n", "*3\r\n$-1\r\n$-1\r\n:0\r\n", "+OK\r\n", "-ERR\r\n"}) {
    CAPTURE(answer);
    const told_server server{"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n" + std::string{answer}};
    cache_of cache{server.port()};
    static_cast<void>(cache.ask("SUBSCRIBE a"));
    void* reply = nullptr;
    CHECK(redisGetReply(cache.handle.get(), &reply) == REDIS_OK);
    static_cast<void>(reply_of(reply));
    CHECK(cache.telemetry.text("querytap.redis.messages") == "db.system.name=redis value=1");
    CHECK_THAT(cache.text(), Catch::Contains("SUBSCRIBE") && Catch::Contains("count=1"));
  }
}

TEST_CASE("a server that never answers is a timeout, and so is each later call, at once",
          "[redis]") {
  const told_server server{"", told_server::afterwards::silence};
  cache_of cache{server.port()};
  redisSetTimeout(cache.handle.get(), {0, 10'000});
  CHECK(cache.ask("GET a") == nullptr);
  CHECK(cache.ask("GET a") == nullptr);
  redisAppendCommand(cache.handle.get(), "INCR a");
  CHECK(redisGetReply(cache.handle.get(), nullptr) == REDIS_ERR);
  CHECK_THAT(cache.text(),
             Catch::Contains("name=GET db.system.name=redis error.type=timeout") &&
                 Catch::Contains("name=INCR db.system.name=redis error.type=timeout") &&
                 Catch::Contains("count=2"));
}

TEST_CASE("a server that dies in a pipeline fails the batch once", "[redis]") {
  const told_server server{"+OK\r\n+OK\r\n"};
  cache_of cache{server.port()};
  for (int i = 0; i < 5; ++i) redisAppendCommand(cache.handle.get(), "SET a %d", i);
  int answers = 0;
  void* reply = nullptr;
  while (redisGetReply(cache.handle.get(), &reply) == REDIS_OK) {
    ++answers;
    static_cast<void>(reply_of(reply));
  }
  CHECK(answers == 2);
  CHECK_THAT(cache.text(),
             Catch::Contains("PIPELINE SET db.system.name=redis error.type=broken_connection") &&
                 Catch::Contains("count=1"));
}

TEST_CASE("replies that nobody has read are a call that was abandoned", "[redis]") {
  redis_server& server = redis_server::shared();
  capture telemetry;
  {
    const redis_handle cache{redis::redisConnect(telemetry.recorder(), "127.0.0.1", server.port())};
    for (int i = 0; i < 3; ++i) redisAppendCommand(cache.get(), "PING");
    void* reply = nullptr;
    redisGetReply(cache.get(), &reply);
    static_cast<void>(reply_of(reply));
  }
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("PIPELINE PING db.system.name=redis error.type=abandoned"));
}

TEST_CASE("MOVED and ASK are counted and no failure of the call", "[redis]") {
  for (const bool is_moved : {true, false}) {
    const told_server server{is_moved ? "-MOVED 3999 127.0.0.1:6381\r\n"
                                      : "-ASK 3999 127.0.0.1:6381\r\n"};
    cache_of cache{server.port()};
    const auto reply = cache.ask("GET a");
    CHECK(reply->type == REDIS_REPLY_ERROR);
    CHECK_THAT(cache.text(), !Catch::Contains("error.type"));
    CHECK_THAT(cache.telemetry.text("querytap.redis.redirects"),
               Catch::Contains(is_moved ? "querytap.result=moved value=1"
                                        : "querytap.result=ask value=1"));
  }
}

TEST_CASE("a connection that cannot be made fails its request", "[redis]") {
  capture telemetry;
  {
    const auto serve = [&] {
      const request page{telemetry.recorder(), "GET /page"};
      testing::redis_client::connect_in_vain(telemetry.recorder());
    };
    CHECK_THROWS_AS(serve(), redis::error);
  }
  CHECK(telemetry.last_request().error_type == "broken_connection");
}

TEST_CASE("after redisReconnect a command in the wrong database is a finding", "[redis]") {
  redis_server server;
  cache_of cache{server.port()};
  const auto findings = [&] { return cache.telemetry.recorder().collect().findings; };
  static_cast<void>(cache.ask("SELECT 3"));
  server.crash();
  CHECK(cache.ask("GET a") == nullptr);
  CHECK(redisReconnect(cache.handle.get()) == REDIS_ERR);
  server.restart();
  CHECK(redisReconnect(cache.handle.get()) == REDIS_OK);
  CHECK(findings().empty());
  const code_location site = code_location::current();
  CHECK(cache.ask({"GET a", site}) != nullptr);
  CHECK(cache.ask({"GET a", site}) != nullptr);
  REQUIRE(findings().size() == 1);
  CHECK(findings()[0]->kind == finding_kind::lost_session);
  CHECK(findings()[0]->site.line == site.line());
  CHECK(findings()[0]->message ==
        "after redisReconnect() a command ran in database 0; the session before was in database 3");
  CHECK_THAT(cache.text(),
             Catch::Contains("db.namespace=0 db.operation.name=GET ") &&
                 Catch::Contains("db.namespace=3 db.operation.name=GET "
                                 "db.system.name=redis error.type=broken_connection"));
}

TEST_CASE("after redisReconnect a session that is set up again is no finding", "[redis]") {
  redis_server& server = redis_server::shared();
  cache_of cache{server.port()};
  static_cast<void>(cache.ask("SELECT 3"));
  CHECK(redisReconnect(cache.handle.get()) == REDIS_OK);
  static_cast<void>(cache.ask("CLIENT SETNAME me"));
  static_cast<void>(cache.ask("SELECT 3"));
  static_cast<void>(cache.ask("GET a"));
  CHECK(cache.telemetry.recorder().collect().findings.empty());
  CHECK(cache.telemetry.text("querytap.operation.phase.duration")
            .find("querytap.phase=connect count=2 ") != std::string::npos);
}

TEST_CASE("a time limit outlives redisReconnect, and a server that stands still meets it",
          "[redis]") {
  redis_server server;
  cache_of cache{server.port()};
  redisSetTimeout(cache.handle.get(), {0, 10'000});
  CHECK(redisReconnect(cache.handle.get()) == REDIS_OK);
  server.pause();
  CHECK(cache.ask("GET a") == nullptr);
  server.resume();
  CHECK_THAT(cache.text(), Catch::Contains("error.type=timeout"));
}

TEST_CASE("a connection without waiting is read by the application's own loop", "[redis]") {
  redis_server& server = redis_server::shared();
  capture telemetry;
  const redis_handle cache{
      redis::redisConnectNonBlock(telemetry.recorder(), "127.0.0.1", server.port())};
  CHECK(redisCommand(cache.get(), "PING") == nullptr);
  redisAppendCommand(cache.get(), "PING");
  int is_done = 0;
  while (is_done == 0) REQUIRE(redisBufferWrite(cache.get(), &is_done) == REDIS_OK);
  for (int answers = 0; answers < 2;) {
    void* reply = nullptr;
    REQUIRE(redisGetReply(cache.get(), &reply) == REDIS_OK);
    if (reply == nullptr) {
      REQUIRE(redisBufferRead(cache.get()) == REDIS_OK);
      continue;
    }
    ++answers;
    static_cast<void>(reply_of(reply));
  }
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("PIPELINE PING") && Catch::Contains("count=1"));
}
