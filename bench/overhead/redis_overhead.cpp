// How much longer a command takes because it is measured: Redis over loopback, PING, GET of 100 bytes, and
// 100 GET in one pipeline, bare and decorated. The figure is wall time, since the caller waits for another
// process.
//
//     redis_overhead --port=6379 --rounds=10000 --out=redis.json

#include "../support/contest.hpp"
#include "../support/options.hpp"

#include <querytap/decorators/redis.hpp>
#include <querytap/recording/recorder.hpp>

#include <benchmark/benchmark.h>

#include <cstdio>
#include <stdexcept>
#include <string>

namespace {

using namespace querytap;

constexpr int keys = 1000;
constexpr int in_pipeline = 100;

void release(void* reply) {
  benchmark::DoNotOptimize(reply);
  ::freeReplyObject(reply);
}

/// `Handle` is redisContext or redis::connection: the calls are the same.
template <class Handle>
auto pings(Handle* cache) {
  return [cache](std::size_t calls) {
    for (; calls > 0; --calls) release(redisCommand(cache, "PING"));
  };
}

template <class Handle>
auto reads(Handle* cache) {
  return [cache, id = 0](std::size_t calls) mutable {
    for (; calls > 0; --calls) {
      id = (id + 1) % keys;
      release(redisCommand(cache, "GET key:%d", id));
    }
  };
}

template <class Handle>
auto pipelines(Handle* cache) {
  return [cache](std::size_t calls) {
    for (; calls > 0; --calls) {
      for (int id = 0; id < in_pipeline; ++id) redisAppendCommand(cache, "GET key:%d", id);
      for (int id = 0; id < in_pipeline; ++id) {
        void* reply = nullptr;
        redisGetReply(cache, &reply);
        release(reply);
      }
    }
  };
}

void fill(redisContext* cache) {
  const std::string body(100, 'x');
  for (int id = 0; id < keys; ++id) {
    release(::redisCommand(cache, "SET key:%d %s", id, body.c_str()));
  }
}

// Bare and decorated commands share a connection: to the server they are the same client.
void measure(int port, std::size_t rounds, const std::string& file) {
  recorder telemetry{{.service_name = "bench"}};
  redis::connection* const cache = redis::redisConnect(telemetry, "127.0.0.1", port);
  if (cache->err != 0) throw std::runtime_error{cache->errstr};
  fill(cache->native());

  // Two calls a turn: a disturbance of the machine then meets few of the pairs.
  bench::contest contest{"overhead/redis", {.calls = 2}, bench::wall_time};
  contest.add("bare", pings(cache->native()));
  contest.add("querytap", pings(cache));
  contest.add("bare_get", reads(cache->native()));
  contest.add("querytap_get", reads(cache));
  contest.add("bare_pipeline", pipelines(cache->native()));
  contest.add("querytap_pipeline", pipelines(cache));
  contest.run(rounds);
  contest.print();
  contest.write(file);
  redisFree(cache);
}

}  // namespace

int main(int argc, char** argv) try {
  bench::refuse_others(argc, argv, {"port", "rounds", "out"});
  const std::string port = bench::option(argc, argv, "port", "");
  if (port.empty()) {
    std::puts("overhead/redis: skipped, for want of --port=… of a Redis on 127.0.0.1");
    return 0;
  }
  measure(std::stoi(port), std::stoul(bench::option(argc, argv, "rounds", "20000")),
          bench::option(argc, argv, "out", ""));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "redis_overhead: %s\n", failure.what());
  return 1;
}
