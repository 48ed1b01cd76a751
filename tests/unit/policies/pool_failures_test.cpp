// A server that fails is not made worse by its pool, and no exception costs a pool an object or a place.

#include "pool_lab.hpp"

#include <catch2/catch.hpp>

#include <optional>
#include <stdexcept>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::counted_pool;
using querytap::testing::pool_lab;

namespace {

struct bad_at_the_end {
  ~bad_at_the_end() noexcept(false) { throw std::runtime_error{"at the end"}; }
};

}  // namespace

TEST_CASE_METHOD(pool_lab, "after failures in a row callers wait before the next try",
                 "[pool_failures]") {
  bool server_is_up = false;
  int tries = 0;
  before_create = [&] {
    ++tries;
    if (!server_is_up) throw std::domain_error{"refused"};
  };
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .acquisition_timeout = 1ms, .random_seed = 1},
                         create()};
  for (int i = 0; i < 3; ++i) CHECK_THROWS_AS(documents.acquire(), std::domain_error);
  for (int i = 0; i < 5; ++i) {
    CHECK_THROWS_WITH(
        documents.acquire(),
        "querytap: pool 'documents': nothing to lend for 1 ms; create() failed 3 times in a row");
  }
  CHECK(tries == 3);
  server_is_up = true;
  advance(100ms);
  CHECK(documents.acquire()->number == 1);
  CHECK(documents.used() == 0);
}

TEST_CASE_METHOD(pool_lab, "a caller that waits for the pause to end connects then",
                 "[pool_failures]") {
  std::atomic<bool> server_is_up{false};
  before_create = [&] {
    if (!server_is_up) throw std::domain_error{"refused"};
  };
  counted_pool documents{
      telemetry.recorder(), {.name = "documents", .acquisition_timeout = 1h}, create()};
  for (int i = 0; i < 3; ++i) CHECK_THROWS_AS(documents.acquire(), std::domain_error);
  std::vector<std::thread> waiting;
  for (int i = 0; i < 3; ++i) waiting.emplace_back([&] { (void)documents.acquire(); });
  wait_until_pending(3);
  server_is_up = true;
  advance(100ms);
  documents.maintain();
  for (std::thread& caller : waiting) caller.join();
  CHECK(documents.used() == 0);
  CHECK(metric("pending_requests") == "value=0");
}

TEST_CASE_METHOD(pool_lab, "only so many objects are made at once, and the others follow",
                 "[pool_failures]") {
  std::atomic<int> connecting{0};
  std::atomic<int> most{0};
  std::atomic<bool> go_on{false};
  before_create = [&] {
    const int many = ++connecting;
    int before = most;
    while (before < many && !most.compare_exchange_weak(before, many)) {
    }
    while (!go_on) std::this_thread::yield();
    --connecting;
  };
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .maximum = 8, .concurrent_connects = 2},
                         create()};
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] { (void)documents.acquire(); });
  }
  wait_until_pending(6);
  go_on = true;
  for (std::thread& caller : callers) caller.join();
  CHECK(most == 2);
  CHECK(documents.used() == 0);
}

TEST_CASE_METHOD(pool_lab, "who gives up learns that connections are still being made",
                 "[pool_failures]") {
  std::atomic<int> connecting{0};
  std::atomic<bool> go_on{false};
  before_create = [&] {
    ++connecting;
    while (!go_on) std::this_thread::yield();
  };
  counted_pool documents{
      telemetry.recorder(),
      {.name = "documents", .acquisition_timeout = 1ms, .concurrent_connects = 1},
      create()};
  std::thread first{[&] { (void)documents.acquire(); }};
  while (connecting == 0) std::this_thread::yield();
  CHECK_THROWS_WITH(
      documents.acquire(),
      "querytap: pool 'documents': nothing to lend for 1 ms; create() is at work on 1 of 10");
  go_on = true;
  first.join();
}

TEST_CASE_METHOD(pool_lab, "maintain() is due again when the pause after failures ends",
                 "[pool_failures]") {
  before_create = [] { throw std::domain_error{"refused"}; };
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .minimum = 1, .warm_up_in_background = true},
                         create()};
  CHECK(documents.maintain() == 1s);
  CHECK(documents.maintain() == 1s);
  CHECK(documents.maintain() <= 100ms);
  before_create = nullptr;
  advance(100ms);
  CHECK(documents.maintain() == 1s);
  CHECK(documents.idle() == 1);
}

TEST_CASE_METHOD(pool_lab, "a pool does not grow while what it lends takes much longer than before",
                 "[pool_failures]") {
  counted_pool documents{
      telemetry.recorder(), {.name = "documents", .acquisition_timeout = 0ms}, create()};
  const auto use = [&](std::chrono::milliseconds each, int times) {
    for (int i = 0; i < times; ++i) {
      const auto lease = documents.acquire();
      advance(each);
    }
  };
  use(50ms, 100);
  {
    const auto first = documents.acquire();
    CHECK_NOTHROW(documents.acquire());  // it may grow
  }
  use(500ms, 60);
  const auto first = documents.acquire();
  const auto second = documents.acquire();
  CHECK_THROWS_WITH(documents.acquire(),
                    "querytap: pool 'documents': all 2 in use for 0 ms; no more are made while the "
                    "server is slow");
  advance(11s);
  CHECK_NOTHROW(documents.acquire());  // nothing more is known of the server
}

TEST_CASE_METHOD(pool_lab, "a destructor that throws costs the pool nothing", "[pool_failures]") {
  pool<bad_at_the_end> objects{telemetry.recorder(), {.name = "documents", .maximum = 1}, [] {
                                 return std::make_unique<bad_at_the_end>();
                               }};
  for (int i = 0; i < 3; ++i) {
    auto lease = objects.acquire();
    lease.discard();
  }
  CHECK(objects.used() == 0);
  CHECK(metric("count") == "state=idle value=0\nstate=used value=0");
}

TEST_CASE_METHOD(pool_lab, "a place whose object could not be made goes to the next caller",
                 "[pool_failures]") {
  std::atomic<int> tries{0};
  std::atomic<bool> go_on{false};
  before_create = [&] {
    if (++tries > 1) return;
    while (!go_on) std::this_thread::yield();
    throw std::domain_error{"refused"};
  };
  counted_pool documents{telemetry.recorder(), {.name = "documents", .maximum = 1}, create()};
  bool has_failed = false;
  std::thread first{[&] {
    try {
      (void)documents.acquire();
    } catch (const std::domain_error&) {
      has_failed = true;
    }
  }};
  while (tries == 0) std::this_thread::yield();
  int number = 0;
  std::thread second{[&] { number = documents.acquire()->number; }};
  wait_until_pending(1);
  go_on = true;
  first.join();
  second.join();
  CHECK(has_failed);
  CHECK(number == 1);
}

TEST_CASE_METHOD(pool_lab, "a failed validation leaves the others their turn, and loses nothing",
                 "[pool_failures]") {
  counted_pool documents{
      telemetry.recorder(), {.name = "documents", .maximum = 2}, create(), [](auto&) {
        return false;
      }};
  for (int i = 0; i < 10; ++i) (void)documents.acquire();
  CHECK(objects.made == 10);
  CHECK(objects.alive == 1);
  CHECK(documents.idle() == 1);
}
