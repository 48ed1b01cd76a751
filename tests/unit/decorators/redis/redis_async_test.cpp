// hiredis' asynchronous commands are timed from sending to callback, under any event loop, and each ends
// once, however its connection does.

#include <support/told_server.hpp>
#include "redis_client.hpp"

#include <decorators/redis/async_session.hpp>
#include <querytap/decorators/redis/async.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <poll.h>

#include <chrono>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::bare_redis;
using querytap::testing::free_port;
using querytap::testing::redis_server;
using querytap::testing::reply_of;
using querytap::testing::told_server;

/// The smallest event loop: one connection, by poll().
class poll_loop {
 public:
  void attach(redisAsyncContext* context) {
    context_ = context;
    context->ev.data = this;
    context->ev.addRead = [](void* loop) { self(loop).reads_ = true; };
    context->ev.delRead = [](void* loop) { self(loop).reads_ = false; };
    context->ev.addWrite = [](void* loop) { self(loop).writes_ = true; };
    context->ev.delWrite = [](void* loop) { self(loop).writes_ = false; };
    context->ev.cleanup = [](void* loop) { self(loop).context_ = nullptr; };
    // As adapters do that are attached after the first command.
    writes_ = true;
  }
  [[nodiscard]] bool is_over() const noexcept { return context_ == nullptr; }

  /// Until `done` or the connection is gone.
  template <class Done>
  void run_until(Done done) {
    while (!is_over() && !done()) step();
  }
  void run() {
    run_until([] { return false; });
  }

 private:
  static poll_loop& self(void* loop) noexcept { return *static_cast<poll_loop*>(loop); }

  void step() {
    pollfd waited{context_->c.fd,
                  static_cast<short>((reads_ ? POLLIN : 0) | (writes_ ? POLLOUT : 0)), 0};
    constexpr int milliseconds = 5000;
    if (poll(&waited, 1, milliseconds) <= 0) throw std::runtime_error{"nothing comes"};
    if ((waited.revents & (POLLIN | POLLERR | POLLHUP)) != 0) ::redisAsyncHandleRead(context_);
    if (!is_over() && (waited.revents & POLLOUT) != 0) ::redisAsyncHandleWrite(context_);
  }

  redisAsyncContext* context_ = nullptr;
  bool reads_ = false;
  bool writes_ = false;
};

/// What callbacks were told.
struct events {
  std::vector<std::string> list;
  int replies = 0;
  redis::async_connection* cache = nullptr;
};

std::string text_of(void* reply) {
  if (reply == nullptr) return "null";
  const auto& known = *static_cast<const redisReply*>(reply);
  return known.str == nullptr ? "…" : std::string{known.str, known.len};
}

void note(redis::async_connection* cache, void* reply, void* privdata) {
  auto& seen = *static_cast<events*>(privdata);
  seen.cache = cache;
  ++seen.replies;
  seen.list.push_back(text_of(reply));
}

struct async_cache {
  explicit async_cache(int port)
      : handle{redis::redisAsyncConnect(telemetry.recorder(), "127.0.0.1", port)} {
    handle->data = &seen;
    loop.attach(handle->native());
    redisAsyncSetConnectCallback(handle, [](const redis::async_connection* cache, int status) {
      static_cast<events*>(cache->data)
          ->list.push_back(status == REDIS_OK ? "connected" : "not connected");
    });
    redisAsyncSetDisconnectCallback(handle, [](const redis::async_connection* cache, int status) {
      static_cast<events*>(cache->data)->list.push_back(status == REDIS_OK ? "closed" : "broken");
    });
  }

  template <class... Values>
  int send(redis::command_format format, Values... values) {
    return redisAsyncCommand(handle, &note, &seen, format, values...);
  }
  void run_until_replies(int count) {
    loop.run_until([&] { return seen.replies >= count; });
  }
  [[nodiscard]] std::string calls() { return telemetry.text("db.client.operation.duration"); }

  capture telemetry;
  events seen;
  poll_loop loop;
  redis::async_connection* handle;
};

std::size_t remembered_by(const redis::async_connection& cache) {
  return redis::detail::async_session::of(cache).size();
}

using list = std::vector<std::string>;

}  // namespace

TEST_CASE("an asynchronous command lasts from its sending to its callback", "[redis]") {
  async_cache cache{redis_server::shared().port()};
  CHECK(redisAsyncSetConnectCallback(cache.handle, nullptr) == REDIS_ERR);
  cache.send("ECHO %s", "first");
  cache.telemetry.time().advance(30ms);
  cache.run_until_replies(1);
  CHECK(cache.seen.cache == cache.handle);
  const char* argv[] = {"ECHO", "second"};
  redisAsyncCommandArgv(cache.handle, &note, &cache.seen, 2, argv, nullptr);
  const std::string bytes = "*1\r\n$4\r\nPING\r\n";
  redisAsyncFormattedCommand(cache.handle, nullptr, nullptr, bytes.data(), bytes.size());
  cache.send("GET key canary");
  redisAsyncDisconnect(cache.handle);
  cache.loop.run();
  CHECK(cache.seen.list == list{"connected", "first", "second",
                                "ERR wrong number of arguments for 'get' command", "closed"});
  const std::string calls = cache.calls();
  CHECK_THAT(calls,
             Catch::Contains("db.operation.name=ECHO") && Catch::Contains("count=2 sum=0.03 "));
  CHECK_THAT(calls, Catch::Contains("db.operation.name=PING"));
  CHECK_THAT(calls, Catch::Contains("db.operation.name=GET db.response.status_code=ERR"));
  CHECK_THAT(cache.telemetry.text("querytap.operation.phase.duration"),
             Catch::Contains("querytap.phase=connect count=1"));
  CHECK(cache.telemetry.recorder().collect().active.empty());
}

TEST_CASE("a callback may send the next command", "[redis]") {
  async_cache cache{redis_server::shared().port()};
  const auto again = [](redis::async_connection* handle, void*, void* privdata) {
    auto& seen = *static_cast<events*>(privdata);
    if (++seen.replies < 50) {
      redisAsyncCommand(
          handle,
          [](redis::async_connection* next, void* reply, void* data) { note(next, reply, data); },
          privdata, "PING");
    }
  };
  for (int i = 0; i < 50; ++i) redisAsyncCommand(cache.handle, again, &cache.seen, "PING");
  cache.run_until_replies(99);
  redisAsyncDisconnect(cache.handle);
  cache.loop.run();
  CHECK_THAT(cache.calls(), Catch::Contains("count=99 "));
}

TEST_CASE("commands of a connection that cannot be made fail, and its object is gone", "[redis]") {
  async_cache cache{free_port()};
  cache.send("GET a");
  cache.send("SUBSCRIBE a b");
  cache.loop.run();
  CHECK(cache.seen.list.front() == "not connected");
  CHECK(cache.seen.list.back() == "null");
  CHECK_THAT(
      cache.calls(),
      Catch::Contains("db.operation.name=GET db.system.name=redis error.type=broken_connection"));
}

TEST_CASE("a server that dies fails what waits for it", "[redis]") {
  redis_server server;
  async_cache cache{server.port()};
  cache.send("PING");
  cache.run_until_replies(1);
  cache.send("BLPOP nothing 0");
  cache.send("PING");
  cache.loop.run_until([&] { return *cache.handle->native()->c.obuf == '\0'; });
  server.crash();
  cache.loop.run();
  CHECK(cache.seen.list == list{"connected", "PONG", "null", "null", "broken"});
  CHECK_THAT(
      cache.calls(),
      Catch::Contains("db.operation.name=BLPOP db.system.name=redis error.type=broken_connection"));
  CHECK_THAT(
      cache.calls(),
      Catch::Contains("db.operation.name=PING db.system.name=redis error.type=broken_connection"));
}

TEST_CASE("what waits when the application frees its connection is abandoned", "[redis]") {
  async_cache cache{redis_server::shared().port()};
  SECTION("before it is connected") {
    cache.send("PING");
    redisAsyncFree(cache.handle);
    CHECK(cache.seen.list == list{"null"});
  }
  SECTION("once it is connected") {
    cache.send("PING");
    cache.run_until_replies(1);
    cache.send("PING");
    redisAsyncFree(cache.handle);
    CHECK(cache.seen.list == list{"connected", "PONG", "null", "closed"});
  }
  SECTION("within a callback") {
    redisAsyncCommand(
        cache.handle, [](redis::async_connection* handle, void*, void*) { redisAsyncFree(handle); },
        nullptr, "ECHO a");
    cache.send("PING");
    cache.loop.run();
    CHECK(cache.seen.list == list{"connected", "null", "closed"});
  }
  CHECK_THAT(cache.calls(),
             Catch::Contains("db.operation.name=PING db.system.name=redis error.type=abandoned"));
}

TEST_CASE("a connection that was never used is freed at once", "[redis]") {
  async_cache cache{redis_server::shared().port()};
  SECTION("by a disconnect") { redisAsyncDisconnect(cache.handle); }
  SECTION("by force") { redisAsyncFree(cache.handle); }
  CHECK(cache.seen.list.empty());
  CHECK(cache.loop.is_over());
}

TEST_CASE("a subscription is timed to its first answer, and its messages are counted", "[redis]") {
  redis_server& server = redis_server::shared();
  async_cache cache{server.port()};
  cache.send("SUBSCRIBE news");
  cache.run_until_replies(1);
  const bare_redis other{::redisConnect("127.0.0.1", server.port())};
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(reply_of(::redisCommand(other.get(), "PUBLISH news %d", i)));
  }
  cache.run_until_replies(4);
  cache.send("UNSUBSCRIBE news");
  cache.run_until_replies(5);
  cache.send("PING");
  cache.run_until_replies(6);
  redisAsyncDisconnect(cache.handle);
  cache.loop.run();
  CHECK_THAT(cache.calls(), Catch::Contains("db.operation.name=SUBSCRIBE"));
  CHECK(cache.telemetry.text("querytap.redis.messages") == "db.system.name=redis value=4");
}

TEST_CASE("the database of an asynchronous connection follows SELECT", "[redis]") {
  async_cache cache{redis_server::shared().port()};
  cache.send("SELECT 7");
  cache.run_until_replies(1);
  cache.send("GET a");
  cache.run_until_replies(2);
  redisAsyncDisconnect(cache.handle);
  cache.loop.run();
  CHECK_THAT(cache.calls(), Catch::Contains("db.namespace=7 db.operation.name=GET"));
}

TEST_CASE("an observed context is the application's, and so are its callbacks", "[redis]") {
  capture telemetry;
  events seen;
  poll_loop loop;
  redisAsyncContext* const context =
      ::redisAsyncConnect("127.0.0.1", redis_server::shared().port());
  loop.attach(context);
  ::redisAsyncSetDisconnectCallback(context, [](const redisAsyncContext*, int) {});
  {
    redis::async_connection cache = redis::observe(telemetry.recorder(), context);
    redisAsyncCommand(&cache, &note, &seen, "PING");
    loop.run_until([&] { return seen.replies == 1; });
  }
  CHECK(seen.list == list{"PONG"});
  ::redisAsyncDisconnect(context);
  CHECK(loop.is_over());
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("db.operation.name=PING"));
}

TEST_CASE(
    "subscriptions that have ended are forgotten, and their callbacks never called for another",
    "[redis]") {
  redis_server& server = redis_server::shared();
  const bare_redis other{::redisConnect("127.0.0.1", server.port())};
  async_cache cache{server.port()};
  std::vector<events> seen(100);
  for (int i = 0; i < 100; ++i) {
    events& own = seen[static_cast<std::size_t>(i)];
    redisAsyncCommand(cache.handle, &note, &own,
                      i % 2 == 0 ? "SUBSCRIBE a%d b%d" : "PSUBSCRIBE a%d b%d", i, i);
    cache.loop.run_until([&] { return own.replies == 2; });
    static_cast<void>(reply_of(::redisCommand(other.get(), "PUBLISH a%d message", i)));
    cache.loop.run_until([&] { return own.replies == 3; });
    redisAsyncCommand(cache.handle, nullptr, nullptr, i % 2 == 0 ? "UNSUBSCRIBE" : "PUNSUBSCRIBE");
    cache.loop.run_until([&] { return own.replies == 5; });
    CHECK(remembered_by(*cache.handle) == 0);
  }
  redisAsyncDisconnect(cache.handle);
  cache.loop.run();
  for (const events& own : seen) CHECK(own.replies == 5);
  CHECK_THAT(cache.calls(), Catch::Contains("name=SUBSCRIBE db.system.name=redis") &&
                                Catch::Contains("name=PSUBSCRIBE db.system.name=redis") &&
                                Catch::Contains(" count=50 "));
}

TEST_CASE("a channel that is subscribed again while its end is under way stays subscribed",
          "[redis]") {
  redis_server& server = redis_server::shared();
  const bare_redis other{::redisConnect("127.0.0.1", server.port())};
  async_cache cache{server.port()};
  events first;
  events second;
  redisAsyncCommand(cache.handle, &note, &first, "SUBSCRIBE a b");
  redisAsyncCommand(cache.handle, nullptr, nullptr, "UNSUBSCRIBE a");
  redisAsyncCommand(cache.handle, &note, &second, "SUBSCRIBE a a");
  cache.loop.run_until([&] { return first.replies == 1 && second.replies == 4; });
  static_cast<void>(reply_of(::redisCommand(other.get(), "PUBLISH a message")));
  cache.loop.run_until([&] { return second.replies == 5; });
  CHECK(remembered_by(*cache.handle) == 4);  // two calls, and two channels
  redisAsyncDisconnect(cache.handle);
  cache.loop.run();
  CHECK(first.list.back() == "null");
  CHECK(second.list.back() == "null");
}

TEST_CASE("an observed connection leaves nothing behind once its context is gone", "[redis]") {
  capture telemetry;
  events seen;
  poll_loop loop;
  redisAsyncContext* const context =
      ::redisAsyncConnect("127.0.0.1", redis_server::shared().port());
  loop.attach(context);
  std::weak_ptr<redis::detail::async_session> session;
  {
    redis::async_connection cache = redis::observe(telemetry.recorder(), context);
    session = redis::detail::async_session::of(cache).weak_from_this();
    redisAsyncCommand(&cache, &note, &seen, "SUBSCRIBE a b");
    redisAsyncCommand(&cache, &note, &seen, "PSUBSCRIBE a*");
    loop.run_until([&] { return seen.replies == 3; });
  }
  CHECK_FALSE(session.expired());  // hiredis will call its callbacks
  ::redisAsyncFree(context);
  CHECK(seen.replies == 6);
  CHECK(session.expired());
}

TEST_CASE("beside MONITOR a line never ends the call of another command", "[redis]") {
  using answers = std::vector<std::string>;
  const told_server server{answers{"+OK\r\n+PONG\r\n", "+line\r\n", "+mine\r\n+PONG\r\n"},
                           told_server::afterwards::silence};
  async_cache cache{server.port()};
  cache.send("MONITOR");
  cache.send("PING");
  cache.run_until_replies(2);
  cache.send("ECHO mine");
  const auto lines = [&] { return cache.telemetry.text("querytap.redis.messages"); };
  cache.loop.run_until([&] { return lines() == "db.system.name=redis value=1"; });
  cache.telemetry.time().advance(30ms);
  cache.send("PING");
  cache.loop.run_until([&] { return cache.calls().find("ECHO") != std::string::npos; });
  redisAsyncFree(cache.handle);
  CHECK_THAT(cache.calls(), Catch::Contains("db.operation.name=ECHO db.system.name=redis") &&
                                Catch::Contains("count=1 sum=0.03 "));
}

#ifdef QUERYTAP_HIREDIS_1_1
TEST_CASE("a connect callback may get a handle that it can use", "[redis]") {
  async_cache cache{redis_server::shared().port()};
  CHECK(redisAsyncSetConnectCallbackNC(cache.handle, [](redis::async_connection*, int) {}) ==
        REDIS_ERR);
  capture telemetry;
  events seen;
  poll_loop loop;
  redis::async_connection* const handle =
      redis::redisAsyncConnect(telemetry.recorder(), "127.0.0.1", redis_server::shared().port());
  handle->data = &seen;
  loop.attach(handle->native());
  CHECK(redisAsyncSetConnectCallbackNC(handle, [](redis::async_connection* connected, int status) {
          CHECK(status == REDIS_OK);
          redisAsyncCommand(connected, &note, connected->data, "ECHO %s", "first");
        }) == REDIS_OK);
  CHECK(redisAsyncSetConnectCallback(handle, nullptr) == REDIS_ERR);
  loop.run_until([&] { return seen.replies == 1; });
  redisAsyncDisconnect(handle);
  loop.run();
  CHECK(seen.list == list{"first"});
  redisAsyncDisconnect(cache.handle);
}
#endif
