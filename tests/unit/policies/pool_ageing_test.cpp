// A pool's objects are validated, reset, aged and replaced as its options say, and its limits can change.

#include "pool_lab.hpp"

#include <querytap/base/error.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <set>
#include <vector>

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::counted_object;
using querytap::testing::counted_pool;
using querytap::testing::pool_lab;

TEST_CASE_METHOD(pool_lab, "an object is validated only where it was idle for a while",
                 "[pool_ageing]") {
  int validated = 0;
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .validate_after = 500ms},
                         create(),
                         [&](counted_object&) {
                           ++validated;
                           return true;
                         }};
  (void)documents.acquire();
  (void)documents.acquire();
  advance(499ms);
  (void)documents.acquire();
  CHECK(validated == 0);
  advance(500ms);
  (void)documents.acquire();
  CHECK(validated == 1);
  CHECK(objects.made == 1);
}

TEST_CASE_METHOD(pool_lab, "connections lost while idle are replaced, all of them if it must be",
                 "[pool_ageing]") {
  bool is_lost = false;
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .minimum = 3, .maximum = 3},
                         create(),
                         [&](counted_object& object) {
                           if (is_lost && object.number <= 3) throw std::runtime_error{"lost"};
                           return true;
                         }};
  is_lost = true;
  advance(1min);
  CHECK(documents.acquire()->number == 4);
  CHECK(documents.idle() + documents.used() == 1);
  CHECK(objects.alive == 1);
  CHECK(metric("count") == "state=idle value=1\nstate=used value=0");
  CHECK(metric("wait_time") == "count=1 sum=0 (0,0]=1");
}

TEST_CASE_METHOD(pool_lab, "what callers spend is split into queueing, connecting and validating",
                 "[pool_ageing]") {
  before_create = [&] { advance(200ms); };
  counted_pool documents{
      telemetry.recorder(), {.name = "documents", .maximum = 1}, create(), [&](counted_object&) {
        advance(3ms);
        return true;
      }};
  std::optional first{documents.acquire()};
  std::thread waiting{[&] { (void)documents.acquire(); }};
  wait_until_pending(1);
  advance(30ms);
  first.reset();
  waiting.join();
  const std::string phases = telemetry.text("querytap.pool.phase.duration");
  CHECK(phases ==
        "db.client.connection.pool.name=documents querytap.phase=connect count=1 sum=0.2 "
        "(0.193,0.21]=1\n"
        "db.client.connection.pool.name=documents querytap.phase=pool_wait count=1 sum=0.03 "
        "(0.0287,0.0312]=1\n"
        "db.client.connection.pool.name=documents querytap.phase=validate count=1 sum=0.003 "
        "(0.00276,0.00301]=1");
}

TEST_CASE_METHOD(pool_lab, "objects that nobody used for long go, down to the minimum",
                 "[pool_ageing]") {
  counted_pool documents{
      telemetry.recorder(), {.name = "documents", .minimum = 1, .idle_timeout = 10s}, create()};
  {
    const auto first = documents.acquire();
    const auto second = documents.acquire();
    const auto third = documents.acquire();
  }
  advance(9s);
  documents.maintain();
  CHECK(objects.alive == 3);
  (void)documents.acquire();  // the one on top stays young
  advance(1s);
  documents.maintain();
  CHECK(objects.alive == 1);
  CHECK(documents.acquire()->number == 1);
  advance(1h - 10s);
  documents.maintain();
  CHECK(documents.idle() == 1);
  CHECK(metric("count") == "state=idle value=1\nstate=used value=0");
}

TEST_CASE_METHOD(pool_lab, "without maintain(), callers that give back age what is idle",
                 "[pool_ageing]") {
  counted_pool documents{
      telemetry.recorder(), {.name = "documents", .idle_timeout = 10s}, create()};
  {
    const auto first = documents.acquire();
    const auto second = documents.acquire();
  }
  for (int i = 0; i < 12; ++i) {
    advance(1s);
    (void)documents.acquire();
  }
  CHECK(objects.alive == 1);
  CHECK(objects.made == 2);
}

TEST_CASE_METHOD(pool_lab, "an object ends at its age, those made together not all at once",
                 "[pool_ageing]") {
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents",
                          .minimum = 8,
                          .maximum = 8,
                          .idle_timeout = 0ms,
                          .longest_life = 100s,
                          .random_seed = 3},
                         create()};
  advance(89s);
  documents.maintain();
  CHECK(objects.made == 8);
  std::set<int> made_by_then;
  for (int second = 0; second < 11; ++second) {
    advance(1s);
    documents.maintain();
    CHECK(documents.idle() == 8);  // replaced at once, to the minimum
    made_by_then.insert(objects.made);
  }
  CHECK(objects.made == 16);
  CHECK(made_by_then.size() > 3);
}

TEST_CASE_METHOD(pool_lab, "a lease is never cut short by age: its object ends when it comes back",
                 "[pool_ageing]") {
  counted_pool documents{
      telemetry.recorder(), {.name = "documents", .longest_life = 10s}, create()};
  {
    const auto lease = documents.acquire();
    advance(1h);
    documents.maintain();
    CHECK(lease->number == 1);
    CHECK(objects.alive == 1);
  }
  CHECK(objects.alive == 0);
  CHECK(documents.acquire()->number == 2);
}

TEST_CASE_METHOD(pool_lab, "an idle object past its age or its idle time is not lent",
                 "[pool_ageing]") {
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .idle_timeout = 1min, .longest_life = 10min},
                         create()};
  (void)documents.acquire();
  advance(1min);
  CHECK(documents.acquire()->number == 2);
  for (int i = 0; i < 20; ++i) {
    advance(30s);
    (void)documents.acquire();
  }
  CHECK(objects.made == 3);
  CHECK(objects.alive == 1);
}

TEST_CASE_METHOD(pool_lab, "an object is reset on its way back, and destroyed if that fails",
                 "[pool_ageing]") {
  std::vector<int> reset;
  counted_pool documents{
      telemetry.recorder(), {.name = "documents"}, create(), {}, [&](counted_object& object) {
        reset.push_back(object.number);
        if (reset.size() == 2) throw std::runtime_error{"broken"};
      }};
  (void)documents.acquire();
  (void)documents.acquire();
  CHECK(objects.alive == 0);
  CHECK(documents.acquire()->number == 2);
  auto discarded = documents.acquire();
  discarded.discard();  // not reset: nobody will use it
  CHECK(reset == std::vector<int>{1, 1, 2});
  CHECK(metric("count") == "state=idle value=0\nstate=used value=0");
}

TEST_CASE_METHOD(pool_lab, "a minimum left to the background is made by maintain()",
                 "[pool_ageing]") {
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .minimum = 3, .warm_up_in_background = true},
                         create()};
  CHECK(objects.made == 0);
  CHECK(documents.acquire()->number == 1);  // a caller does not wait for it
  documents.maintain();
  CHECK(documents.idle() == 3);
}

TEST_CASE_METHOD(pool_lab, "limits change while objects are lent", "[pool_ageing]") {
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .maximum = 2, .acquisition_timeout = 0ms},
                         create()};
  std::vector<counted_pool::lease> leases;
  for (int i = 0; i < 2; ++i) leases.push_back(documents.acquire());
  CHECK_THROWS_AS(documents.acquire(), pool_timeout);
  documents.resize(0, 40);
  for (int i = 2; i < 40; ++i) leases.push_back(documents.acquire());
  CHECK_THROWS_AS(documents.acquire(), pool_timeout);
  CHECK(metric("max") == "value=40");
  documents.resize(0, 3);
  leases.clear();
  CHECK(objects.alive == 3);
  CHECK(documents.idle() == 3);
  documents.resize(0, 1);
  documents.maintain();
  CHECK(objects.alive == 1);
  documents.resize(2, 4);
  documents.maintain();
  CHECK(objects.alive == 2);
  CHECK(metric("idle.min") == "value=2");
  CHECK_THROWS_AS(documents.resize(0, 0), configuration_error);
  CHECK_THROWS_AS(documents.resize(5, 4), configuration_error);
}

TEST_CASE_METHOD(pool_lab, "what is idle beyond a smaller maximum goes at once", "[pool_ageing]") {
  counted_pool documents{telemetry.recorder(),
                         {.name = "documents", .minimum = 4, .acquisition_timeout = 0ms},
                         create()};
  std::vector<counted_pool::lease> leases;
  leases.push_back(documents.acquire());
  documents.resize(0, 2);
  CHECK(objects.alive == 2);
  const auto other = documents.acquire();
  CHECK_THROWS_AS(documents.acquire(), pool_timeout);
  documents.resize(0, 1);
  leases.clear();
  CHECK(objects.alive == 1);
  CHECK_THROWS_AS(documents.acquire(), pool_timeout);
}

TEST_CASE_METHOD(pool_lab, "a caller that waits gets a place that a larger maximum makes",
                 "[pool_ageing]") {
  counted_pool documents{telemetry.recorder(), {.name = "documents", .maximum = 1}, create()};
  const auto lease = documents.acquire();
  int number = 0;
  std::thread waiting{[&] { number = documents.acquire()->number; }};
  wait_until_pending(1);
  documents.resize(0, 2);
  waiting.join();
  CHECK(number == 2);
}

TEST_CASE_METHOD(pool_lab, "leases that last too long are counted, and again when they end",
                 "[pool_ageing]") {
  counted_pool documents{telemetry.recorder(), {.name = "documents", .held_after = 10s}, create()};
  const auto counts = [&] {
    return telemetry.text("querytap.pool.leaks") + "\n" + telemetry.text("querytap.pool.unleaks");
  };
  const auto expected = [](int leaks, int unleaks) {
    const std::string pool = "db.client.connection.pool.name=documents value=";
    return pool + std::to_string(leaks) + "\n" + pool + std::to_string(unleaks);
  };
  std::optional first{documents.acquire()};
  std::optional second{documents.acquire()};
  advance(10s);
  (void)telemetry.recorder().collect();
  CHECK(counts() == expected(2, 0));
  first.reset();
  (void)telemetry.recorder().collect();
  CHECK(counts() == expected(2, 1));
  const auto third = documents.acquire();
  second.reset();
  (void)telemetry.recorder().collect();
  CHECK(counts() == expected(2, 2));
}

TEST_CASE_METHOD(pool_lab, "a load that does not fit the maximum is a finding", "[pool_ageing]") {
  counted_pool documents{telemetry.recorder(), {.name = "documents", .maximum = 1}, create()};
  const auto found = [&] {
    int count = 0;
    for (const auto& known : telemetry.recorder().collect().findings) {
      if (known->kind == finding_kind::pool_size) ++count;
    }
    return count;
  };
  for (int i = 0; i < 200; ++i) {
    const auto lease = documents.acquire();
    advance(300ms);
  }
  CHECK(found() == 1);
}
