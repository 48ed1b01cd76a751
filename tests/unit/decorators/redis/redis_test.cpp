// What is recorded of hiredis is what the server did: each command or batch once, under its name, in
// its database.

#include "redis_client.hpp"

#include <querytap/calls/request.hpp>
#include <querytap/calls/thresholds.hpp>
#include <querytap/testing/capture.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::bare_redis;
using querytap::testing::redis_handle;
using querytap::testing::redis_reply;
using querytap::testing::redis_server;
using querytap::testing::reply_of;

/// A connection to a server without keys, on a recorder of its own.
struct fresh_cache {
  explicit fresh_cache(redis::connection_options options = {}, redis_server& server = own_server())
      : options{options},
        handle{redis::redisConnect(telemetry.recorder(), "127.0.0.1", server.port(), options)} {
    const bare_redis other{::redisConnect("127.0.0.1", server.port())};
    static_cast<void>(reply_of(::redisCommand(other.get(), "FLUSHALL")));
  }

  /// Not the one of the conformance kit, which has keys.
  static redis_server& own_server() {
    static redis_server instance;
    return instance;
  }

  template <class... Values>
  redis_reply ask(redis::command_format format, Values... values) {
    return reply_of(redisCommand(handle.get(), format, values...));
  }
  template <class... Values>
  void append(redis::command_format format, Values... values) {
    REQUIRE(redisAppendCommand(handle.get(), format, values...) == REDIS_OK);
  }
  redis_reply next() {
    void* reply = nullptr;
    static_cast<void>(redisGetReply(handle.get(), &reply));
    return reply_of(reply);
  }
  void read(int replies) {
    for (; replies > 0; --replies) CHECK(next() != nullptr);
  }

  [[nodiscard]] std::string calls() {
    std::map<std::string, std::uint64_t> counts;
    for (const point& point :
         merge_statements(telemetry.recorder().collect().find("db.client.operation.duration"))) {
      const attributes& labels = point.series->labels;
      std::string line = text(labels, "db.operation.name");
      if (line.empty()) line = "(none)";
      const std::string database = text(labels, "db.namespace");
      if (database != "0") line += " db=" + database;
      const std::string error = text(labels, "error.type");
      if (!error.empty()) line += " error=" + error;
      if (point.histogram->count() != 0) counts[line] += point.histogram->count();
    }
    std::string all;
    for (const auto& [line, count] : counts) {
      all += (all.empty() ? "" : ", ") + line + (count == 1 ? "" : " " + std::to_string(count));
    }
    return all;
  }
  static std::string text(const attributes& labels, std::string_view key) {
    const attribute_value* const value = labels.find(key);
    return value == nullptr ? std::string{} : to_string(*value);
  }
  [[nodiscard]] std::vector<finding> findings() {
    std::vector<finding> found;
    for (const auto& each : telemetry.recorder().collect().findings) found.push_back(*each);
    return found;
  }
  [[nodiscard]] std::uint64_t value_of(std::string_view instrument, std::string_view labels) {
    const std::string all = telemetry.text(instrument);
    const std::size_t at = all.find(labels);
    if (at == std::string::npos) return 0;
    return std::stoull(all.substr(all.find("value=", at) + 6));
  }

  capture telemetry;
  redis::connection_options options;
  redis_handle handle;
};

void run_during_next_read(std::function<void()> during) {
  testing::redis_client::set_during(std::move(during));
}

}  // namespace

TEST_CASE("each way to send a command is one operation under its name", "[redis]") {
  fresh_cache cache;
  CHECK(std::string{cache.ask("SET greeting %s", "hello")->str} == "OK");
  CHECK(std::string{cache.ask("GET greeting")->str} == "hello");
  const char* argv[] = {"get", "greeting"};  // the same, whatever its case
  CHECK(std::string{reply_of(redisCommandArgv(cache.handle.get(), 2, argv, nullptr))->str} ==
        "hello");
  CHECK(cache.ask("%s %s", "STRLEN", "greeting")->integer == 5);
  CHECK(cache.ask("OBJECT %s greeting", "ENCODING")->type == REDIS_REPLY_STRING);
  CHECK(cache.calls() == "GET 2, OBJECT ENCODING, SET, STRLEN");
}

TEST_CASE("what hiredis cannot format fails as hiredis has it fail, and is no call", "[redis]") {
  fresh_cache cache;
  CHECK(redisCommand(cache.handle.get(), "GET %z") == nullptr);
  CHECK(cache.handle->err == REDIS_ERR_OTHER);
  CHECK(std::string{cache.handle->errstr} == "Invalid format string");
  CHECK(cache.calls().empty());
}

TEST_CASE("values that are there are rows, nil is none, and OK and numbers are no rows",
          "[redis]") {
  fresh_cache cache;
  cache.ask("MSET a 1 b 2");
  cache.ask("GET a");
  cache.ask("GET missing");
  cache.ask("MGET a missing b");
  cache.ask("INCR a");
  const std::string rows = cache.telemetry.text_by_statement("db.client.response.returned_rows");
  CHECK_THAT(rows, Catch::Contains("\"GET ?\"") && Catch::Contains("count=2 sum=1 "));
  CHECK_THAT(rows, Catch::Contains("\"MGET ?\"") && Catch::Contains("count=1 sum=2 "));
  CHECK_THAT(rows, !Catch::Contains("INCR") && !Catch::Contains("MSET"));
}

TEST_CASE("the database is the one that SELECT has chosen, once it has", "[redis]") {
  fresh_cache cache;
  cache.ask("SELECT 3");
  cache.ask("GET a");
  cache.ask("SELECT %d", 99999);
  cache.ask("GET a");
  cache.ask("RESET");
  cache.ask("GET a");
  CHECK(cache.calls() == "GET, GET db=3 2, RESET db=3, SELECT, SELECT db=3 error=ERR");
}

TEST_CASE("a SELECT in a transaction counts once it is executed", "[redis]") {
  fresh_cache cache;
  for (const char* command :
       {"MULTI", "SELECT 2", "GET a", "DISCARD", "GET b", "MULTI", "SELECT 2", "EXEC", "GET c"}) {
    cache.ask(command);
  }
  CHECK(cache.calls() == "DISCARD, EXEC, GET 2, GET db=2, MULTI 2, SELECT 2");
}

TEST_CASE("a SELECT in a pipeline counts for what is sent after its answer", "[redis]") {
  fresh_cache cache;
  cache.append("SELECT 4");
  cache.append("GET a");
  cache.read(2);
  cache.ask("GET a");
  CHECK(cache.calls() == "GET db=4, PIPELINE");
}

TEST_CASE("of an observed context the database is unknown until it is chosen", "[redis]") {
  capture telemetry;
  const bare_redis context{::redisConnect("127.0.0.1", fresh_cache::own_server().port())};
  static_cast<void>(reply_of(::redisCommand(context.get(), "SELECT 5")));
  {
    redis::connection cache = redis::observe(telemetry.recorder(), context.get());
    static_cast<void>(reply_of(redisCommand(&cache, "GET a")));
    CHECK_THAT(telemetry.text("db.client.operation.duration"), !Catch::Contains("db.namespace"));
    static_cast<void>(reply_of(redisCommand(&cache, "SELECT 6")));
    static_cast<void>(reply_of(redisCommand(&cache, "GET a")));
  }
  CHECK_THAT(telemetry.text("db.client.operation.duration"),
             Catch::Contains("db.namespace=6 db.operation.name=GET"));
  CHECK(reply_of(::redisCommand(context.get(), "PING")) != nullptr);
}

TEST_CASE("a connection by socket has its path as the address, and no port", "[redis]") {
  capture telemetry;
  redis_server& server = fresh_cache::own_server();
  const redis_handle cache{redis::redisConnectUnix(telemetry.recorder(), server.socket().c_str())};
  static_cast<void>(reply_of(redisCommand(cache.get(), "PING")));
  const std::string text = telemetry.text("db.client.operation.duration");
  CHECK_THAT(text, Catch::Contains("server.address=" + server.socket() + ' '));
  CHECK_THAT(text, !Catch::Contains("server.port"));
}

TEST_CASE("commands of one kind that are sent together are one operation with their number",
          "[redis]") {
  fresh_cache cache{{.slow_threshold = 1ns}};
  const code_location site = code_location::current();
  for (int i = 0; i < 100; ++i) cache.append({"SET key:%d %d", site}, i, i);
  cache.telemetry.time().advance(1s);  // nothing is sent yet
  run_during_next_read([&] { cache.telemetry.time().advance(30ms); });
  cache.read(100);
  CHECK(cache.calls() == "PIPELINE SET");
  const auto reports = cache.telemetry.recorder().collect().call_reports;
  REQUIRE(reports.size() == 1);
  CHECK(reports[0]->statement->text == "PIPELINE SET ? ?");
  CHECK(reports[0]->batch_size == 100);
  CHECK(reports[0]->duration == 30ms);
  CHECK(reports[0]->site.line == site.line());
  for (int i = 0; i < 3; ++i) cache.append("GET key:%d", i);
  cache.append("GET missing");
  cache.read(4);
  CHECK_THAT(cache.telemetry.text_by_statement("db.client.response.returned_rows"),
             Catch::Contains("\"PIPELINE GET ?\"") && Catch::Contains("count=1 sum=3 "));
}

TEST_CASE("other commands that are sent together are PIPELINE, and one alone is itself",
          "[redis]") {
  fresh_cache cache;
  cache.append("SET a 1");
  cache.append("GET a");
  cache.append("GET a");
  cache.read(3);
  cache.append("GET a");
  cache.read(1);
  // Of one kind, whatever they are made of.
  cache.append("GET %s", "a");
  cache.append("GET b");
  const char* argv[] = {"GET", "c"};
  redisAppendCommandArgv(cache.handle.get(), 2, argv, nullptr);
  const std::string bytes = "*2\r\n$3\r\nGET\r\n$1\r\nd\r\n";
  redisAppendFormattedCommand(cache.handle.get(), bytes.data(), bytes.size());
  cache.read(4);
  CHECK(cache.calls() == "GET, PIPELINE, PIPELINE GET");
}

TEST_CASE("a transaction that is sent at once is named after what is in it", "[redis]") {
  fresh_cache cache{{.slow_threshold = 1ns}};
  const auto send = [&](std::vector<const char*> commands) {
    for (const char* command : commands) cache.append(command);
    cache.read(static_cast<int>(commands.size()));
  };
  run_during_next_read([&] { cache.telemetry.time().advance(1ms); });
  send({"MULTI", "INCR a", "INCR b", "INCR c", "EXEC"});
  CHECK(cache.telemetry.recorder().collect().call_reports[0]->batch_size == 3);
  send({"MULTI", "INCR a", "GET b", "EXEC"});
  send({"WATCH a", "MULTI", "INCR a", "EXEC"});
  send({"MULTI", "INCR a", "EXEC", "MULTI", "INCR a", "EXEC"});
  send({"MULTI", "INCR a"});
  send({"GET a", "EXEC"});
  send({"MULTI", "EXEC"});
  CHECK(cache.calls() == "MULTI 2, MULTI INCR, PIPELINE 3, PIPELINE INCR");
}

TEST_CASE("a batch fails with the first error among its replies, in a transaction too", "[redis]") {
  fresh_cache cache;
  cache.ask("LPUSH list a");
  cache.append("GET a");
  cache.append("GET list");
  cache.append("NONSENSE");
  cache.read(3);
  for (const char* command : {"MULTI", "GET list", "EXEC"}) cache.append(command);
  cache.read(3);
  cache.ask("MULTI");
  cache.ask("INCR list");
  cache.ask("EXEC");
  CHECK(cache.calls() ==
        "EXEC error=WRONGTYPE, INCR, LPUSH, MULTI, MULTI GET error=WRONGTYPE, PIPELINE "
        "error=WRONGTYPE");
}

TEST_CASE("a transaction that a watched key has ended is no error and has no rows", "[redis]") {
  fresh_cache cache;
  cache.ask("WATCH a");
  const bare_redis other{::redisConnect("127.0.0.1", fresh_cache::own_server().port())};
  static_cast<void>(reply_of(::redisCommand(other.get(), "SET a 1")));
  cache.ask("MULTI");
  cache.ask("SET a 2");
  CHECK(cache.ask("EXEC")->type == REDIS_REPLY_NIL);
  CHECK(cache.calls() == "EXEC, MULTI, SET, WATCH");
  CHECK_THAT(cache.telemetry.text_by_statement("db.client.response.returned_rows"),
             Catch::StartsWith("\"EXEC\"") && Catch::Contains("count=1 sum=0 "));
}

TEST_CASE("commands that are appended while replies are awaited are a batch of their own",
          "[redis]") {
  fresh_cache cache;
  for (int i = 0; i < 3; ++i) cache.append("GET a");
  CHECK(cache.next() != nullptr);
  for (int i = 0; i < 2; ++i) cache.append("INCR n");
  cache.read(4);
  CHECK(cache.calls() == "PIPELINE GET, PIPELINE INCR");
}

TEST_CASE("a command amid a pipeline gets the reply that is due, and each is counted once",
          "[redis]") {
  fresh_cache cache;
  cache.ask("SET a first");
  cache.append("GET a");
  cache.append("GET a");
  // As in hiredis: its own reply comes later.
  CHECK(std::string{cache.ask("ECHO second")->str} == "first");
  CHECK(std::string{cache.next()->str} == "first");
  CHECK(std::string{cache.next()->str} == "second");
  cache.ask("PING");
  CHECK(cache.calls() == "PING, PIPELINE, SET");
}

TEST_CASE("scripts are named by their command, and their errors by the prefix in capitals",
          "[redis]") {
  fresh_cache cache;
  cache.ask("EVAL %s 0", "return redis.error_reply('MYERR canary')");
  cache.ask("EVAL %s 0", "return redis.error_reply('my canary')");
  cache.ask("EVAL %s 1 key", "return redis.call('GET', KEYS[1])");
  cache.ask("EVALSHA %s 0", "e0e1f9fabfc9d4800c877a703b823ac0578ff8db");
  CHECK(cache.calls() == "EVAL, EVAL error=MYERR, EVAL error=_OTHER, EVALSHA error=NOSCRIPT");
}

TEST_CASE("messages are counted and not timed, until the last subscription ends", "[redis]") {
  fresh_cache cache;
  const bare_redis other{::redisConnect("127.0.0.1", fresh_cache::own_server().port())};
  cache.ask("SUBSCRIBE news weather");
  for (int i = 0; i < 3; ++i) {
    static_cast<void>(reply_of(::redisCommand(other.get(), "PUBLISH news %d", i)));
  }
  cache.read(1 + 3);
  cache.append("UNSUBSCRIBE");
  cache.read(2);
  cache.ask("GET a");
  CHECK(cache.calls() == "GET, SUBSCRIBE");
  CHECK(cache.value_of("querytap.redis.messages", "") == 6);
}

TEST_CASE("a subscription in a pipeline ends what can be told apart", "[redis]") {
  fresh_cache cache;
  cache.append("GET a");
  cache.append("SUBSCRIBE news");
  cache.append("PING");
  cache.read(3);
  CHECK(cache.calls() == "PIPELINE");
  CHECK(cache.value_of("querytap.redis.messages", "") == 1);
}

TEST_CASE("after a subscription nothing else is counted as one more of what was appended before",
          "[redis]") {
  fresh_cache cache;
  cache.append("GET a");
  cache.append("GET a");
  cache.read(2);
  cache.append("SUBSCRIBE news");
  cache.read(1);
  cache.append("GET a");  // refused, and its answer is a message
  cache.read(1);
  cache.append("UNSUBSCRIBE");
  cache.read(1);
  for (int i = 0; i < 2; ++i) cache.append("GET a");
  cache.read(2);
  CHECK(cache.calls() == "PIPELINE GET 2, SUBSCRIBE");
}

TEST_CASE("a pipeline that is sent again and again is the same operation, in each database",
          "[redis]") {
  fresh_cache cache{{.slow_threshold = 1ns}};
  const code_location first = code_location::current();
  const auto send = [&](code_location site) {
    for (int i = 0; i < 3; ++i) cache.append({"GET key:%d", site}, i);
    run_during_next_read([&] { cache.telemetry.time().advance(1ms); });
    cache.read(3);
  };
  for (int i = 0; i < 3; ++i) send(first);
  cache.ask("SELECT 3");
  for (int i = 0; i < 3; ++i) send(first);
  CHECK(cache.calls() == "PIPELINE GET 3, PIPELINE GET db=3 3, SELECT");
  const code_location second = code_location::current();
  send(second);
  const auto reports = cache.telemetry.recorder().collect().call_reports;
  REQUIRE(reports.size() == 7);
  std::map<std::uint32_t, int> lines;
  for (const auto& report : reports) {
    CHECK(report->batch_size == 3);
    ++lines[report->site.line];
  }
  CHECK(lines == std::map<std::uint32_t, int>{{first.line(), 6}, {second.line(), 1}});
}

TEST_CASE("a format is known by its characters, wherever they lie", "[redis]") {
  fresh_cache cache;
  char format[16] = "GET %s";
  const code_location site = code_location::current();
  const auto append_and_send = [&](const auto& text) {
    for (int i = 0; i < 2; ++i) cache.append({text, site}, "a");
    cache.read(2);
    cache.ask({text, site}, "a");
  };
  append_and_send(format);
  append_and_send("GET %s");
  std::string{"TTL %s"}.copy(format, 6);
  append_and_send(format);
  append_and_send(static_cast<const char*>(format));
  CHECK(cache.calls() == "GET 2, PIPELINE GET 2, PIPELINE TTL 2, TTL 2");
}

TEST_CASE("commands that are appended while plain replies are read are sent in their turn",
          "[redis]") {
  fresh_cache cache;
  for (int i = 0; i < 4; ++i) cache.append("INCR n");
  cache.read(2);
  for (int i = 0; i < 3; ++i) cache.append("INCR n");
  cache.read(2);
  CHECK(cache.calls() == "PIPELINE INCR");
  CHECK(cache.next()->integer == 5);
  cache.read(2);
  CHECK(cache.calls() == "PIPELINE INCR 2");
}

TEST_CASE("a request knows a batch that it has sent before by all its values", "[redis]") {
  fresh_cache cache;
  const auto calls_in = [&](std::vector<int> keys) {
    const request page{cache.telemetry.recorder(), "GET /page"};
    for (int key : keys) {
      for (int i = 0; i < 3; ++i) cache.append("GET key:%d", key + i);
      cache.read(3);
    }
  };
  calls_in({0, 3, 6});
  const auto duplicates = [&] {
    std::uint64_t all = 0;
    for (const auto& each : cache.telemetry.recorder().collect().requests) {
      for (const auto& call : each->statements) all += call.duplicates;
    }
    return all;
  };
  CHECK(duplicates() == 0);
  calls_in({0, 0, 1, 0});
  CHECK(duplicates() == 2);
}

#ifdef QUERYTAP_HIREDIS_1
TEST_CASE("under RESP3 a subscription in a pipeline leaves the replies of others where they belong",
          "[redis]") {
  fresh_cache cache;
  cache.ask("SET a here");
  CHECK(cache.ask("HELLO 3")->type == REDIS_REPLY_MAP);
  const bool shows_pushes = GENERATE(false, true);
  if (shows_pushes) redisSetPushCallback(cache.handle.get(), nullptr);
  const int pushes = shows_pushes ? 3 : 0;
  cache.append("GET a");
  cache.append("SUBSCRIBE news weather");
  cache.append("PING");
  cache.append("UNSUBSCRIBE news");
  cache.append("GET a");
  cache.read(3 + pushes);
  cache.append("SUBSCRIBE news");
  cache.append("GET list");
  cache.read(2 - (shows_pushes ? 0 : 1));
  cache.append("MULTI");
  cache.append("SUBSCRIBE news");
  cache.append("EXEC");
  cache.read(3);
  cache.ask("GET a");
  cache.append("RESET");
  cache.read(1);
  CHECK(cache.calls() == "GET, HELLO, MULTI SUBSCRIBE, PIPELINE 2, RESET, SET");
}

TEST_CASE("under RESP3 a subscription that is refused is the failure of its batch", "[redis]") {
  fresh_cache cache;
  cache.ask("HELLO 3");
  cache.append("SUBSCRIBE");
  cache.append("GET a");
  cache.read(2);
  cache.ask("GET a");
  CHECK(cache.calls() == "GET, HELLO, PIPELINE error=ERR");
}
#endif

TEST_CASE("a command that waits for others is slow only where somebody says so", "[redis]") {
  redis_server& server = fresh_cache::own_server();
  recorder telemetry{{.service_name = "test"}};
  const redis_handle cache{
      redis::redisConnect(telemetry, "127.0.0.1", server.port(), {.slow_threshold = 1ms})};
  const auto wait = [&] {
    static_cast<void>(reply_of(redisCommand(cache.get(), "BLPOP nothing 0.02")));
  };
  wait();
  CHECK(telemetry.collect().call_reports.empty());
  thresholds{telemetry}.set_slow_statement("BLPOP ?", 2ms);
  wait();
  CHECK(telemetry.collect().call_reports.size() == 1);
  static_cast<void>(reply_of(redisCommand(cache.get(), "EVAL %s 0",
                                          "local n = 0 for i = 1, 3e6 do n = n + i end return n")));
  CHECK(telemetry.collect().call_reports.size() == 2);
}

TEST_CASE("KEYS is a finding with its line", "[redis]") {
  fresh_cache cache;
  const code_location site = code_location::current();
  cache.ask({"KEYS *", site});
  REQUIRE(cache.findings().size() == 1);
  CHECK(cache.findings()[0].kind == finding_kind::keyspace_scan);
  CHECK(cache.findings()[0].site.line == site.line());
}

TEST_CASE("a large reply is a finding with its size, and sizes from 1 KiB on are measured",
          "[redis]") {
  fresh_cache cache{{.large_reply = 1500}};
  cache.ask("SET small %s", std::string(1000, 'x').c_str());
  cache.ask("SET large %s", std::string(2048, 'x').c_str());
  cache.ask("GET small");
  CHECK(cache.findings().empty());
  cache.ask("GET large");
  cache.append("GET small");
  cache.append("GET small");
  cache.read(2);
  const auto found = cache.findings();
  REQUIRE(found.size() == 2);
  CHECK(found[0].kind == finding_kind::large_reply);
  CHECK(found[1].message == "GET was answered with 2,048 bytes at once");
  CHECK(found[0].message == "PIPELINE GET was answered with 2,000 bytes at once");
  CHECK_THAT(cache.telemetry.text("querytap.response.size"),
             Catch::Contains("db.system.name=redis count=2 sum=4048 "));
}

TEST_CASE("a SET without an expiry is a finding for each line, where keys are to expire",
          "[redis]") {
  fresh_cache cache{{.expects_expiry = true}};
  cache.ask("SET a 1 EX 10");
  cache.ask("SET a 1 KEEPTTL");
  cache.ask("SET a %s px %d", "1", 10);
  CHECK(cache.findings().empty());
  for (int i = 0; i < 3; ++i) cache.ask("SET EX 1");
  cache.append("SET b 1");
  cache.read(1);
  REQUIRE(cache.findings().size() == 2);
  CHECK(cache.findings()[0].kind == finding_kind::missing_expiry);
  fresh_cache store;
  store.ask("SET a 1");
  CHECK(store.findings().empty());
}

TEST_CASE("an N+1 of GET asks for one MGET", "[redis]") {
  fresh_cache cache;
  {
    const request page{cache.telemetry.recorder(), "GET /sessions"};
    for (int i = 0; i < 12; ++i) cache.ask("GET session:%d", i);
  }
  REQUIRE(cache.findings().size() == 1);
  CHECK(cache.findings()[0].kind == finding_kind::n_plus_one);
  CHECK_THAT(cache.findings()[0].advice, Catch::StartsWith("ask for all keys with one MGET"));
}

TEST_CASE("replies that the application makes itself are passed on unread", "[redis]") {
  fresh_cache cache;
  redisReplyObjectFunctions functions = *cache.handle->reader->fn;
  functions.createString = [](const redisReadTask*, char*, std::size_t) -> void* {
    static int mine = 7;
    return &mine;
  };
  functions.freeObject = [](void*) {};
  const redisReplyObjectFunctions* const before = cache.handle->reader->fn;
  cache.handle->reader->fn = const_cast<redisReplyObjectFunctions*>(&functions);
  CHECK(*static_cast<int*>(redisCommand(cache.handle.get(), "PING")) == 7);
  redisAppendCommand(cache.handle.get(), "NONSENSE");
  CHECK(redisGetReply(cache.handle.get(), nullptr) == REDIS_OK);
  cache.handle->reader->fn = const_cast<redisReplyObjectFunctions*>(before);
  CHECK(cache.calls() == "NONSENSE, PING");
}

TEST_CASE("connections of many threads count each call once", "[redis]") {
  capture telemetry;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      const redis_handle cache{
          redis::redisConnect(telemetry.recorder(), "127.0.0.1", fresh_cache::own_server().port())};
      for (int call = 0; call < 200; ++call) {
        static_cast<void>(reply_of(redisCommand(cache.get(), "GET key:%d", call)));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains(" count=800 "));
}
