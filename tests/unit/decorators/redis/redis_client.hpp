#pragma once

#include <querytap/decorators/redis.hpp>
#include <support/conformance/client.hpp>
#include <support/redis_server.hpp>

#include <chrono>
#include <cstdarg>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace querytap::testing {

struct redis_closer {
  void operator()(redis::connection* cache) const noexcept { redisFree(cache); }
  void operator()(redisContext* context) const noexcept { ::redisFree(context); }
  void operator()(redisReply* reply) const noexcept { ::freeReplyObject(reply); }
};
using redis_handle = std::unique_ptr<redis::connection, redis_closer>;
using bare_redis = std::unique_ptr<redisContext, redis_closer>;
using redis_reply = std::unique_ptr<redisReply, redis_closer>;

[[nodiscard]] inline redis_reply reply_of(void* reply) {
  return redis_reply{static_cast<redisReply*>(reply)};
}

/// Redis for the conformance kit: a server of its own with ten documents.
class redis_client {
 public:
  static constexpr std::string_view name = "Redis";
  static constexpr conformance::capabilities can{
      .rows = true, .timeouts = true, .cancellation = true, .lost_connections = true};

  explicit redis_client(recorder& telemetry, const conformance::client_options& options = {})
      : cache_{redis::redisConnect(telemetry, "127.0.0.1", filled_server().port(),
                                   {.slow_threshold = options.slow_threshold,
                                    .describe_parameters = options.describe_parameters})} {
    if (cache_->err != 0) throw redis::error{cache_.get(), nullptr};
  }

  static attributes labels() {
    return {{"db.namespace", "0"},
            {"db.system.name", "redis"},
            {"server.address", "127.0.0.1"},
            {"server.port", filled_server().port()}};
  }
  static attributes read_labels() { return called("LRANGE"); }
  static attributes write_labels() { return called("SET"); }

  static std::vector<conformance::way<redis_client>> ways() {
    constexpr auto statement = "LRANGE ?";
    constexpr auto values = "text(9), text(1), text(1)";
    return {{"a format", statement, values, &redis_client::read_formatted},
            {"an argv", statement, values, &redis_client::read_argv},
            {"a pipeline of one", statement, "", &redis_client::read_appended},
            {"bytes of the application", statement, "", &redis_client::read_bytes},
            {"a name that is a value", statement, values, &redis_client::read_named}};
  }

  void run_during_next_read(std::function<void()> during) { set_during(std::move(during)); }
  static void set_during(std::function<void()> during) { during_ = std::move(during); }
  /// Called when the reply is about to be read.
  static void run_during() {
    if (const auto during = std::exchange(during_, {})) during();
  }

  void write(code_location site) { check(redisCommand(cache_.get(), {"SET title page", site})); }

  void meet(conformance::trouble kind, code_location site) {
    using conformance::trouble;
    switch (kind) {
      case trouble::refused: return check(redisCommand(cache_.get(), {"GET documents", site}));
      case trouble::timeout:
        redisSetTimeout(cache_.get(), {0, 20'000});
        return check(redisCommand(cache_.get(), {"BLPOP nothing 0", site}));
      case trouble::cancelled: return wait_and("CLIENT UNBLOCK %lld ERROR", site);
      case trouble::lost_connection: return wait_and("CLIENT KILL ID %lld", site);
      case trouble::lock: break;
    }
  }

  static conformance::ending ending_of(conformance::trouble kind) {
    using conformance::trouble;
    const auto ending = [](std::string_view command, const char* type, const char* code,
                           report_reason reason, const char* message) {
      return conformance::ending{called(command),      type,   code, reason,
                                 typeid(redis::error), message};
    };
    switch (kind) {
      case trouble::timeout: return ending("BLPOP", "timeout", "", report_reason::timeout, "");
      case trouble::cancelled:
        return ending("BLPOP", "UNBLOCKED", "UNBLOCKED", report_reason::cancelled, "unblocked");
      case trouble::lost_connection:
        return ending("BLPOP", "broken_connection", "", report_reason::error,
                      "Server closed the connection");
      case trouble::refused:
      case trouble::lock: break;
    }
    return ending("GET", "WRONGTYPE", "WRONGTYPE", report_reason::error, "wrong kind of value");
  }

  [[nodiscard]] bool is_usable() {
    return reply_of(::redisCommand(cache_->native(), "PING")) != nullptr;
  }

  static void connect_in_vain(recorder& telemetry) {
    const redis_handle cache{redis::redisConnect(telemetry, "127.0.0.1", free_port())};
    if (cache->err != 0) throw redis::error{cache.get(), nullptr};
  }

  void send_secret(std::string_view secret);

 private:
  static attributes called(std::string_view command) {
    return {{"db.operation.name", std::string{command}}};
  }

  /// The shared server, with the kit's keys.
  static redis_server& filled_server() {
    static redis_server& server = [&]() -> redis_server& {
      const bare_redis cache{::redisConnect("127.0.0.1", redis_server::shared().port())};
      for (int page = 1; page <= 10; ++page) {
        static_cast<void>(reply_of(::redisCommand(cache.get(), "RPUSH documents page%d", page)));
      }
      return redis_server::shared();
    }();
    return server;
  }

  /// Frees the reply.
  void check(void* reply) {
    const redis_reply answer = reply_of(reply);
    if (redis::has_failed(answer.get())) throw redis::error{cache_.get(), answer.get()};
  }

  // From 1 to 0 is nothing.
  static int first_of(int rows) { return rows == 0 ? 1 : 0; }
  static int last_of(int rows) { return rows == 0 ? 0 : rows - 1; }

  void read_formatted(int rows, code_location site) {
    check(redisCommand(cache_.get(), {"LRANGE documents %d %d", site}, first_of(rows),
                       last_of(rows)));
  }
  void read_named(int rows, code_location site) {
    check(redisCommand(cache_.get(), {"%s documents %d %d", site}, "LRANGE", first_of(rows),
                       last_of(rows)));
  }
  void read_argv(int rows, code_location site) {
    const std::string first = std::to_string(first_of(rows));
    const std::string last = std::to_string(last_of(rows));
    const char* argv[] = {"LRANGE", "documents", first.c_str(), last.c_str()};
    check(redisCommandArgv(cache_.get(), 4, argv, nullptr, site));
  }
  void read_appended(int rows, code_location site) {
    redisAppendCommand(cache_.get(), {"LRANGE documents %d %d", site}, first_of(rows),
                       last_of(rows));
    check_next();
  }
  void read_bytes(int rows, code_location site) {
    const std::string bytes = "*4\r\n$6\r\nLRANGE\r\n$9\r\ndocuments\r\n$1\r\n" +
                              std::to_string(first_of(rows)) + "\r\n$1\r\n" +
                              std::to_string(last_of(rows)) + "\r\n";
    redisAppendFormattedCommand(cache_.get(), bytes.data(), bytes.size(), site);
    check_next();
  }
  void check_next() {
    void* reply = nullptr;
    static_cast<void>(redisGetReply(cache_.get(), &reply));
    check(reply);
  }

  /// A command that waits, during which another connection does this to it.
  void wait_and(const char* command, code_location site) {
    const long long id = reply_of(::redisCommand(cache_->native(), "CLIENT ID"))->integer;
    std::thread administrator{[&] {
      const bare_redis other{::redisConnect("127.0.0.1", filled_server().port())};
      while (std::string{reply_of(::redisCommand(other.get(), "INFO clients"))->str}.find(
                 "blocked_clients:1") == std::string::npos) {
        std::this_thread::yield();
      }
      static_cast<void>(reply_of(::redisCommand(other.get(), command, id)));
    }};
    struct joined {
      std::thread& thread;
      ~joined() { thread.join(); }
    } const end{administrator};
    check(redisCommand(cache_.get(), {"BLPOP nothing 0", site}));
  }

  redis_handle cache_;
  static inline thread_local std::function<void()> during_;
};

inline void redis_client::send_secret(std::string_view secret) {
  const std::string text{secret};
  const char* const value = text.c_str();
  redis::connection* const cache = cache_.get();
  const auto send = [&](auto... arguments) {
    static_cast<void>(reply_of(redisCommand(cache, arguments...)));
  };
  const std::string literal = "SET key-" + text + " it's-" + text + " EX 10";
  send(literal.c_str());
  send("SET %s %b", value, value, text.size());
  send("AUTH %s", value);
  send("AUTH %s %s", value, value);
  send("CLIENT SETNAME %s", value);
  send("HELLO 2 AUTH %s %s", value, value);
  send("EVAL %s 1 %s", ("return redis.error_reply('" + text + " failed')").c_str(), value);
  send("EVAL %s 0", ("return redis.error_reply('MY" + text + " failed')").c_str());
  send("EVALSHA %s 0", value);
  send("GET %s %s", value, value);
  send("PUBLISH %s %s", value, value);
  send("%s %s", "OBJECT", value);
  send("SELECT %s", value);
  send("MULTI %s", value);
  send("%b", ("\x01" + text).c_str(), text.size() + 1);
  const char* argv[] = {"HSET", value, value, value};
  static_cast<void>(reply_of(redisCommandArgv(cache, 4, argv, nullptr)));
  const char* multi[] = {"MULTI", value};
  static_cast<void>(reply_of(redisCommandArgv(cache, 2, multi, nullptr)));
  for (int i = 0; i < 2; ++i) redisAppendCommand(cache, "GET %s", value);
  redisAppendCommand(cache, ("INCR " + text).c_str());
  for (int i = 0; i < 3; ++i) {
    void* reply = nullptr;
    static_cast<void>(redisGetReply(cache, &reply));
    static_cast<void>(reply_of(reply));
  }
  send("KEYS *%s*", value);
  send("SUBSCRIBE %s", value);
}

}  // namespace querytap::testing
