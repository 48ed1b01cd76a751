// A cache that is asked key by key, for all keys in one pipeline, and for all at once.
//
//     $ examples/beside_redis.sh build/examples/07_redis
//     GET ?: 20 calls, p50 31.2 µs, 10 found
//     PIPELINE GET ?: 1 calls, p50 52.7 µs, 10 found
//     MGET ?: 1 calls, p50 34.1 µs, 10 found
//     n_plus_one  07_redis.cpp:39
//       20 times in one GET /sessions: GET ?; 634 µs of its 658 µs
//       ask for all keys with one MGET; querytap::batch_loader gathers them
//     error WRONGTYPE  07_redis.cpp:62  LPUSH ?

#include <querytap/decorators/redis.hpp>
#include <querytap/querytap.hpp>

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

namespace {

namespace redis = querytap::redis;

constexpr int sessions = 20;

// Every other session is there.
void fill(redis::connection* cache) {
  for (int id = 0; id < sessions; id += 2) {
    freeReplyObject(redisCommand(cache, "SET session:%d %s EX 60", id, "its state"));
  }
}

void ask_one_by_one(querytap::recorder& recorder, redis::connection* cache) {
  const querytap::request request{recorder, "GET /sessions"};
  for (int id = 0; id < sessions; ++id) {
    // Each waits for the server: the line does not show how often it runs.
    freeReplyObject(redisCommand(cache, "GET session:%d", id));
  }
}

// One operation, from the first redisGetReply() on: nothing is sent before.
void ask_in_a_pipeline(redis::connection* cache) {
  for (int id = 0; id < sessions; ++id) redisAppendCommand(cache, "GET session:%d", id);
  for (int id = 0; id < sessions; ++id) {
    void* reply = nullptr;
    if (redisGetReply(cache, &reply) == REDIS_OK) freeReplyObject(reply);
  }
}

void ask_at_once(redis::connection* cache) {
  std::vector<std::string> keys{"MGET"};
  for (int id = 0; id < sessions; ++id) keys.push_back(fmt::format("session:{}", id));
  std::vector<const char*> command;
  for (const std::string& key : keys) command.push_back(key.c_str());
  freeReplyObject(
      redisCommandArgv(cache, static_cast<int>(command.size()), command.data(), nullptr));
}

void go_wrong(redis::connection* cache) {
  freeReplyObject(redisCommand(cache, "LPUSH session:0 oops"));
}

void show(const querytap::snapshot& snapshot, std::string_view text) {
  for (const querytap::statement_row& row : querytap::statement_table(snapshot)) {
    if (row.statement == nullptr || row.statement->text != text) continue;
    fmt::print("{}: {} calls, p50 {}, {} found\n", text, row.calls,
               querytap::human_duration(row.p50), row.rows);
  }
}

std::string line_of(const querytap::call_site& site) {
  return fmt::format("{}:{}", std::filesystem::path{site.file}.filename().string(), site.line);
}

}  // namespace

int main() {
  const char* const port = std::getenv("REDIS_PORT");
  // A threshold of 0: a report of every request is stored.
  querytap::recorder recorder{{.service_name = "shop", .slow_request = std::chrono::seconds{0}}};
  // Was: redisContext* cache = redisConnect("127.0.0.1", …);
  redis::connection* cache =
      redis::redisConnect(recorder, "127.0.0.1", port == nullptr ? 6379 : std::atoi(port));
  if (cache == nullptr || cache->err != 0) {
    fmt::print(stderr, "{}\n", cache == nullptr ? "no memory" : cache->errstr);
    return 1;
  }
  fill(cache);
  ask_one_by_one(recorder, cache);
  ask_in_a_pipeline(cache);
  ask_at_once(cache);
  go_wrong(cache);
  redisFree(cache);

  const querytap::snapshot snapshot = recorder.collect();
  for (const char* text : {"GET ?", "PIPELINE GET ?", "MGET ?"}) show(snapshot, text);
  for (const auto& finding : snapshot.findings) {
    fmt::print("{}  {}\n  {}\n  {}\n", to_string(finding->kind), line_of(finding->site),
               finding->message, finding->advice);
  }
  for (const auto& call : snapshot.call_reports) {
    if (call->error_type.empty()) continue;  // the first call may be slow
    fmt::print("{} {}  {}  {}\n", to_string(call->reason), call->error_type, line_of(call->site),
               call->statement->text);
  }
}
