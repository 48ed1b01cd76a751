// The child of a fork amid the threads of a pool sees the pool, and can use and end it.

#include "pool_lab.hpp"

#include <support/fork.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::counted_pool;
using querytap::testing::exit_code_of_child;
using querytap::testing::pool_lab;

TEST_CASE_METHOD(pool_lab, "a fork amid leases leaves a child whose snapshots show the pool",
                 "[pool_fork]") {
  counted_pool documents{telemetry.recorder(), {.name = "documents", .maximum = 2}, create()};
  const auto state = [&] { return telemetry.recorder().collect().pools.at(0); };
  std::atomic<bool> done{false};
  std::vector<std::thread> busy;
  for (int i = 0; i < 2; ++i) {
    busy.emplace_back([&] {
      while (!done.load(std::memory_order_relaxed)) static_cast<void>(documents.acquire());
    });
    busy.emplace_back([&] {
      while (!done.load(std::memory_order_relaxed)) static_cast<void>(state());
    });
  }
  int failed = 0;
  for (int i = 0; i < 20; ++i) {
    failed += exit_code_of_child([&] {
      const pool_report shown = state();
      return shown.name == "documents" && shown.leases.empty();
    });
  }
  done = true;
  for (std::thread& thread : busy) thread.join();
  CHECK(failed == 0);
}

TEST_CASE_METHOD(pool_lab, "the child of a fork can end a pool that its parent drains",
                 "[pool_fork]") {
  auto documents = std::make_unique<counted_pool>(telemetry.recorder(),
                                                  pool_options{.name = "documents"}, create());
  std::vector<counted_pool::lease> leases;
  leases.push_back(documents->acquire());
  std::atomic<bool> has_drained{false};
  std::thread draining{[&] { has_drained = documents->drain(1h); }};
  const auto is_draining = [&] {
    try {
      (void)documents->acquire();
    } catch (const pool_closed&) {
      return true;
    }
    return false;
  };
  while (!is_draining()) std::this_thread::yield();
  std::this_thread::sleep_for(5ms);
  CHECK(exit_code_of_child([&] {
          documents = nullptr;
          leases.clear();
          return objects.alive == 0;
        }) == 0);
  leases.clear();
  draining.join();
  CHECK(has_drained);
}

TEST_CASE_METHOD(pool_lab, "the child of a fork can lend, wait in vain and end the pool",
                 "[pool_fork]") {
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .maximum = 2, .acquisition_timeout = 1ms},
                         create()};
  const auto lease = documents.acquire();
  std::atomic<bool> done{false};
  std::thread waiting{[&] {
    while (!done) {
      try {
        const auto mine = documents.acquire();
        const auto more = documents.acquire();
      } catch (const pool_timeout&) {
      }
    }
  }};
  int failed = 0;
  for (int i = 0; i < 5; ++i) {
    failed += exit_code_of_child([&] {
      try {
        const auto mine = documents.acquire();
      } catch (const pool_timeout&) {  // the other one is lent in the parent
      }
      return !documents.drain(0ms);
    });
  }
  done = true;
  waiting.join();
  CHECK(failed == 0);
}

TEST_CASE_METHOD(pool_lab, "the child of a fork lends in place of what other threads had borrowed",
                 "[pool_fork]") {
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .maximum = 3, .acquisition_timeout = 1ms},
                         create()};
  std::optional<counted_pool::lease> own{documents.acquire()};
  std::atomic<bool> done{false};
  std::atomic<int> borrowed{0};
  std::vector<std::thread> others;
  for (int i = 0; i < 2; ++i) {
    others.emplace_back([&] {
      const auto lease = documents.acquire();
      ++borrowed;
      while (!done.load()) std::this_thread::yield();
    });
  }
  while (borrowed.load() != 2) std::this_thread::yield();
  CHECK_THROWS_AS(documents.acquire(), pool_timeout);
  const int code = exit_code_of_child([&] {
    const int alive = objects.alive;
    {
      const auto second = documents.acquire();
      const auto third = documents.acquire();
      bool is_full = false;
      try {
        const auto fourth = documents.acquire();
      } catch (const pool_timeout&) {
        is_full = true;
      }
      if (!is_full || objects.alive != alive + 2) return false;
    }
    own.reset();
    const std::vector<counted_pool::lease> all = [&] {
      std::vector<counted_pool::lease> leases;
      for (int i = 0; i < 3; ++i) leases.push_back(documents.acquire());
      return leases;
    }();
    return objects.alive == alive + 2;  // the two of the parent's threads are left alone
  });
  done = true;
  for (std::thread& thread : others) thread.join();
  CHECK(code == 0);
}
