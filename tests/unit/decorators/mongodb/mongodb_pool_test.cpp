// A pool of libmongoc says how long its clients are waited for and used, and what they are used for.

#include "watched_client.hpp"

#include <querytap/base/error.hpp>
#include <querytap/calls/request.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

// libmongoc is not built for ThreadSanitizer, which does not see that it counts references before it frees.
// NOLINTNEXTLINE(bugprone-reserved-identifier, readability-identifier-naming)
extern "C" const char* __tsan_default_suppressions() { return "race:bson_destroy"; }

namespace querytap::testing {
namespace {

using namespace std::chrono_literals;

mongo_reply answer_finds(const mongo_command& command) {
  if (command.name == "find") return {.json = mongo_documents(2, 17)};
  if (command.name == "getMore") return {.json = mongo_documents(1, 0, "nextBatch")};
  return {};
}

struct watched_pool {
  explicit watched_pool(recorder& telemetry, std::string_view options = "maxPoolSize=2")
      : uri{(begin_mongoc(), mongoc_uri_new(server.uri("chat", options).c_str()))},
        native{mongoc_client_pool_new(uri.get())},
        clients{telemetry, native.get(), {.name = "chat", .maximum = 2}} {}

  mongo_server server{&answer_finds};
  uri_handle uri;
  pool_handle native;
  mongodb::pool clients;
};

}  // namespace

TEST_CASE("clients are counted, and timed while they are waited for and used") {
  capture telemetry;
  watched_pool pool{telemetry.recorder()};
  const std::string labels = "db.client.connection.pool.name=chat ";
  mongoc_client_t* const first = mongoc_client_pool_pop(&pool.clients);
  mongoc_client_t* const second = mongoc_client_pool_try_pop(&pool.clients);
  REQUIRE(first != nullptr);
  REQUIRE(second != nullptr);
  CHECK(mongoc_client_pool_try_pop(&pool.clients) == nullptr);
  CHECK(telemetry.text("db.client.connection.count") ==
        labels + "db.client.connection.state=idle value=0\n" + labels +
            "db.client.connection.state=used value=2");
  telemetry.time().advance(30ms);
  mongoc_client_pool_push(&pool.clients, first);
  CHECK(telemetry.text("db.client.connection.use_time") ==
        labels + "count=1 sum=0.03 (0.0287,0.0312]=1");
  mongoc_client_t* const again = mongoc_client_pool_pop(&pool.clients);
  CHECK(again == first);
  mongoc_client_pool_push(&pool.clients, again);
  mongoc_client_pool_push(&pool.clients, second);
  CHECK(telemetry.text("db.client.connection.count") ==
        labels + "db.client.connection.state=idle value=2\n" + labels +
            "db.client.connection.state=used value=0");
  CHECK(telemetry.text("db.client.connection.max") == labels + "value=2");
  CHECK_THAT(telemetry.text("db.client.connection.wait_time"), Catch::Contains("count=2"));
  CHECK(telemetry.text("db.client.connection.pending_requests") == labels + "value=0");
}

TEST_CASE("who waits in vain is counted") {
  capture telemetry;
  watched_pool pool{telemetry.recorder(), "maxPoolSize=1&waitQueueTimeoutMS=20"};
  mongoc_client_t* const first = mongoc_client_pool_pop(&pool.clients);
  CHECK(mongoc_client_pool_pop(&pool.clients) == nullptr);
  mongoc_client_pool_push(&pool.clients, first);
  CHECK(telemetry.text("db.client.connection.timeouts") ==
        "db.client.connection.pool.name=chat value=1");
}

TEST_CASE("commands of all threads are counted, and none is taken for another's") {
  recorder telemetry{{.service_name = "test"}};
  constexpr int threads = 4;
  constexpr int rounds = 25;
  watched_pool pool{telemetry, "maxPoolSize=3"};
  std::atomic<std::uint64_t> documents = 0;
  std::vector<std::thread> crowd;
  for (int i = 0; i < threads; ++i) {
    crowd.emplace_back([&] {
      for (int round = 0; round < rounds; ++round) {
        mongoc_client_t* const client = mongoc_client_pool_pop(&pool.clients);
        documents += read_all(collection(client).get());
        mongoc_client_pool_push(&pool.clients, client);
      }
    });
  }
  for (std::thread& each : crowd) each.join();
  CHECK(documents == threads * rounds * 3);
  std::uint64_t calls = 0;
  std::uint64_t rows = 0;
  const snapshot seen = telemetry.collect();
  for (const point& point : seen.find("db.client.operation.duration")) {
    calls += point.histogram->count();
  }
  for (const point& point : seen.find("db.client.response.returned_rows")) {
    rows += point.histogram->sum();
  }
  // All cursors have one number here, so that a thread may go on with another's: nothing is lost.
  CHECK(calls >= threads * rounds);
  CHECK(rows == documents);
  CHECK(seen.active.empty());
}

TEST_CASE("a pool may end before what watches it, or after it") {
  capture telemetry;
  auto pool = std::make_unique<watched_pool>(telemetry.recorder());
  mongoc_client_t* const client = mongoc_client_pool_pop(&pool->clients);
  CHECK(read_all(collection(client).get()) == 3);
  mongoc_client_pool_push(&pool->clients, client);
  SECTION("before") { pool->native.reset(); }
  SECTION("after") {}
  pool.reset();
  CHECK_THAT(telemetry.text("db.client.operation.duration"), Catch::Contains("count=1"));
}

TEST_CASE("a client or pool that takes no callbacks any more is told") {
  capture telemetry;
  watched_pool pool{telemetry.recorder()};
  mongoc_client_t* const client = mongoc_client_pool_pop(&pool.clients);
  CHECK_THROWS_AS((mongodb::observation{telemetry.recorder(), client}), configuration_error);
  CHECK_THROWS_AS((mongodb::observation{telemetry.recorder(), pool.native.get()}),
                  configuration_error);
  mongoc_client_pool_push(&pool.clients, client);
}

TEST_CASE("the time for which a client is waited for is the request's") {
  capture telemetry;
  watched_pool pool{telemetry.recorder()};
  {
    const request chat{telemetry.recorder(), "POST /chat"};
    mongoc_client_t* const client = mongoc_client_pool_pop(&pool.clients);
    CHECK(read_all(collection(client).get()) == 3);
    mongoc_client_pool_push(&pool.clients, client);
  }
  const request_report report = telemetry.last_request();
  REQUIRE(report.backends.size() == 1);
  CHECK(report.backends[0].calls == 1);
  CHECK(report.backends[0].rows == 3);
}

}  // namespace querytap::testing
