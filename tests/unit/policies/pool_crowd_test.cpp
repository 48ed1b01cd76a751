// Many threads on few objects, for as long as it takes: each object has one owner at a time, nobody waits for ever,
// and at the end nothing is lost.

#include "pool_lab.hpp"

#include <support/soak.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <memory>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::pool_lab;
using querytap::testing::soak_count;

namespace {

struct owned_by_one {
  std::atomic<int> users{0};
  int unguarded = 0;  // ThreadSanitizer would see two owners at once
};

}  // namespace

TEST_CASE_METHOD(pool_lab, "64 threads share 4 objects, some of which break", "[pool_crowd]") {
  constexpr int threads = 64;
  constexpr std::size_t maximum = 4;
  const int leases = soak_count(10'000, 100);
  std::atomic<int> made{0};
  std::atomic<int> violations{0};
  std::atomic<int> lent{0};
  std::atomic<int> refused{0};
  {
    pool<owned_by_one> documents{
        telemetry.recorder(),
        {.name = "documents", .maximum = maximum, .acquisition_timeout = 1h},
        [&] {
          const int number = ++made;
          if (number % 7 == 0) throw std::domain_error{"refused"};
          return std::make_unique<owned_by_one>();
        },
        [&](owned_by_one& object) { return ++object.unguarded % 41 != 0; },
        [&](owned_by_one& object) {
          if (++object.unguarded % 101 == 0) throw std::runtime_error{"reset"};
        }};
    std::vector<std::thread> callers;
    for (int thread = 0; thread < threads; ++thread) {
      callers.emplace_back([&, thread] {
        for (int i = 0; i < leases; ++i) {
          try {
            auto lease = documents.acquire();
            if (++lease->users > 1) ++violations;
            ++lease->unguarded;
            ++lent;
            if ((i + thread) % 8 == 0) std::this_thread::yield();
            --lease->users;
            if ((i + thread) % 50 == 0) lease.discard();
          } catch (const std::domain_error&) {
            ++refused;
          }
        }
      });
    }
    std::atomic<bool> done{false};
    std::thread keeping{[&] {
      std::size_t turn = 0;
      while (!done) {
        documents.maintain();
        documents.resize(turn % 2, maximum - turn % 3);
        ++turn;
        advance(100ms);  // so that ageing and pauses end
        std::this_thread::sleep_for(1ms);
      }
    }};
    for (std::thread& caller : callers) caller.join();
    done = true;
    keeping.join();
    CHECK(documents.used() == 0);
    CHECK(documents.idle() <= maximum);
  }
  CHECK(violations == 0);
  CHECK(lent + refused == threads * leases);
  CHECK(metric("count") == "state=idle value=0\nstate=used value=0");
  CHECK(metric("pending_requests") == "value=0");
}

TEST_CASE_METHOD(pool_lab, "each borrower validates, also what goes from hand to hand",
                 "[pool_crowd]") {
  constexpr int threads = 8;
  const int leases = soak_count(20'000, 500);
  recorder real_time{{.service_name = "test"}};
  pool<bool> documents{real_time,
                       {.name = "documents", .maximum = 2, .acquisition_timeout = 1h},
                       [] { return std::make_unique<bool>(true); },
                       [](bool& is_validated) { return is_validated = true; }};
  std::atomic<int> unvalidated{0};
  std::vector<std::thread> callers;
  for (int thread = 0; thread < threads; ++thread) {
    callers.emplace_back([&] {
      for (int i = 0; i < leases; ++i) {
        const auto is_validated = documents.acquire();
        if (!std::exchange(*is_validated, false)) ++unvalidated;
        if (i % 16 == 0) std::this_thread::sleep_for(200us);
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
  CHECK(unvalidated == 0);
}

TEST_CASE_METHOD(pool_lab, "of 64 threads on 4 objects none waits for much longer than its share",
                 "[pool_crowd]") {
  constexpr int threads = 64;
  constexpr int objects_in_all = 4;
  const int leases = soak_count(1'000, 20);
  recorder real_time{{.service_name = "test"}};
  pool<int> documents{real_time,
                      {.name = "documents", .maximum = objects_in_all, .acquisition_timeout = 1h},
                      [] { return std::make_unique<int>(0); }};
  std::atomic<std::int64_t> longest{0};
  std::atomic<bool> go{false};
  std::vector<std::thread> callers;
  for (int thread = 0; thread < threads; ++thread) {
    callers.emplace_back([&] {
      while (!go) std::this_thread::yield();
      for (int i = 0; i < leases; ++i) {
        const auto begin = std::chrono::steady_clock::now();
        const auto lease = documents.acquire();
        const std::int64_t wait = (std::chrono::steady_clock::now() - begin).count();
        std::int64_t before = longest;
        while (before < wait && !longest.compare_exchange_weak(before, wait)) {
        }
        std::this_thread::sleep_for(500us);
      }
    });
  }
  const auto begin = std::chrono::steady_clock::now();
  go = true;
  for (std::thread& caller : callers) caller.join();
  const std::int64_t all = (std::chrono::steady_clock::now() - begin).count();
  // Each waits while the others have their turn: a round of all of them.
  const double share = static_cast<double>(all) / leases;
  CAPTURE(longest.load(), share);
  CHECK(static_cast<double>(longest) < 3 * share + 100e6);  // the machine may pause for a moment
}
