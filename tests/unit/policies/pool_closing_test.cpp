// A pool ends without losing an object or a caller: it drains, its leases may outlive it, and those that wait leave.

#include "pool_lab.hpp"

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::counted_object;
using querytap::testing::counted_pool;
using querytap::testing::pool_lab;

TEST_CASE_METHOD(pool_lab, "a pool that drains destroys what is idle and lends nothing more",
                 "[pool_closing]") {
  counted_pool documents{telemetry.recorder(), {.name = "documents", .minimum = 3}, create()};
  CHECK(documents.drain(0ms));
  CHECK(objects.alive == 0);
  CHECK_THROWS_WITH(documents.acquire(), "querytap: pool 'documents' is closed");
  CHECK_THROWS_AS(documents.acquire(), pool_closed);
  documents.maintain();
  CHECK(objects.made == 3);
  CHECK(metric("count") == "state=idle value=0\nstate=used value=0");
}

TEST_CASE_METHOD(pool_lab, "draining waits for leases until its deadline", "[pool_closing]") {
  counted_pool documents{telemetry.recorder(), {.name = "documents", .minimum = 2}, create()};
  std::optional lease{documents.acquire()};
  CHECK_FALSE(documents.drain(1ms));
  CHECK(objects.alive == 1);
  std::thread borrower{[mine = std::move(*lease)]() mutable { mine.discard(); }};
  CHECK(documents.drain(1h));
  borrower.join();
  CHECK(objects.alive == 0);
}

TEST_CASE_METHOD(pool_lab, "callers that wait leave when the pool drains", "[pool_closing]") {
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .maximum = 1, .acquisition_timeout = 1h},
                         create()};
  const auto lease = documents.acquire();
  std::atomic<int> turned_away{0};
  std::vector<std::thread> waiting;
  for (int i = 0; i < 4; ++i) {
    waiting.emplace_back([&] {
      try {
        (void)documents.acquire();
      } catch (const pool_closed&) {
        ++turned_away;
      }
    });
  }
  wait_until_pending(4);
  CHECK_FALSE(documents.drain(0ms));
  for (std::thread& caller : waiting) caller.join();
  CHECK(turned_away == 4);
  CHECK(metric("pending_requests") == "value=0");
}

TEST_CASE_METHOD(pool_lab, "leases outlive their pool, and their objects end with them",
                 "[pool_closing]") {
  auto documents = std::make_unique<counted_pool>(
      telemetry.recorder(), pool_options{.name = "documents", .minimum = 3}, create());
  std::optional first{documents->acquire()};
  std::optional second{documents->acquire()};
  documents.reset();
  CHECK(objects.alive == 2);
  CHECK(telemetry.recorder().collect().pools.empty());
  CHECK(metric("max") == "value=0");
  CHECK((*first)->number + (*second)->number > 0);
  first.reset();
  second->discard();
  CHECK(objects.alive == 0);
  CHECK(metric("count") == "state=idle value=0\nstate=used value=0");
}

TEST_CASE_METHOD(pool_lab,
                 "callers that wait leave when the pool ends, while others still have leases",
                 "[pool_closing]") {
  for (int round = 0; round < 20; ++round) {
    auto documents = std::make_unique<counted_pool>(
        telemetry.recorder(),
        pool_options{.name = "documents", .maximum = 2, .acquisition_timeout = 1h}, create());
    std::optional first{documents->acquire()};
    std::optional second{documents->acquire()};
    std::vector<std::thread> others;
    for (int i = 0; i < 3; ++i) {
      others.emplace_back([&] {
        try {
          (void)documents->acquire();  // perhaps in the place that the borrower leaves
        } catch (const pool_closed&) {
        }
      });
    }
    wait_until_pending(3);
    std::thread borrower{[mine = std::move(*second)]() mutable { mine.discard(); }};
    documents.reset();
    borrower.join();
    for (std::thread& other : others) other.join();
    first.reset();
    CHECK(objects.alive == 0);
  }
}

TEST_CASE_METHOD(pool_lab, "a pool that has ended calls none of its functions", "[pool_closing]") {
  auto resets = std::make_unique<int>(0);
  auto documents = std::make_unique<counted_pool>(
      telemetry.recorder(), pool_options{.name = "documents"}, create(),
      counted_pool::validate_function{}, [&](counted_object&) { ++*resets; });
  std::vector<counted_pool::lease> late;
  late.push_back(documents->acquire());
  (void)documents->acquire();
  CHECK(*resets == 1);
  documents = nullptr;
  resets = nullptr;
  late.clear();
  CHECK(objects.alive == 0);
}

TEST_CASE_METHOD(pool_lab, "a pool ends once its functions have returned", "[pool_closing]") {
  std::atomic<bool> is_resetting{false};
  std::atomic<bool> go_on{false};
  std::atomic<bool> has_ended{false};
  std::atomic<bool> was_too_late{false};
  auto documents = std::make_unique<counted_pool>(
      telemetry.recorder(), pool_options{.name = "documents"}, create(),
      counted_pool::validate_function{}, [&](counted_object&) {
        is_resetting = true;
        while (!go_on) std::this_thread::yield();
        was_too_late = has_ended.load();
      });
  std::thread borrower{[mine = documents->acquire()] {}};
  while (!is_resetting) std::this_thread::yield();
  std::thread ending{[&] {
    documents = nullptr;
    has_ended = true;
  }};
  std::this_thread::sleep_for(5ms);
  go_on = true;
  borrower.join();
  ending.join();
  CHECK_FALSE(was_too_late);
  CHECK(objects.alive == 0);
}
