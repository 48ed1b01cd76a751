// A pool lends each object to one borrower at a time, never makes more than its maximum, and
// records truly how long callers waited, and how long making the objects took.

#include <querytap/base/error.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/testing/capture.hpp>
#include <support/text.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::testing::without;

struct session {
  int number;
};

/// Makes sessions numbered from 1, and counts those that are alive.
struct session_factory {
  int made = 0;
  std::unique_ptr<session> operator()() { return std::make_unique<session>(session{++made}); }
};

struct pooled {
  capture telemetry;

  /// `db.client.connection.*` of the pool named "sessions".
  std::string metric(const std::string& name) {
    const std::string text = telemetry.text("db.client.connection." + name);
    return without(without(text, "db.client.connection."), "pool.name=sessions ");
  }

  void wait_until_pending(std::size_t callers) {
    const std::string expected = "value=" + std::to_string(callers);
    while (metric("pending_requests") != expected) std::this_thread::yield();
  }
};

}  // namespace

TEST_CASE_METHOD(pooled, "objects are made when needed and lent last in, first out", "[pool]") {
  pool<session> sessions{
      telemetry.recorder(), {.name = "sessions", .maximum = 3}, session_factory{}};
  CHECK(sessions.idle() == 0);

  {
    const auto first = sessions.acquire();
    const auto second = sessions.acquire();
    CHECK(first->number == 1);
    CHECK(second->number == 2);
    CHECK(sessions.used() == 2);
  }  // second comes back first, first last

  CHECK(sessions.idle() == 2);
  CHECK(sessions.acquire()->number == 1);
  CHECK(sessions.acquire()->number == 1);
}

TEST_CASE_METHOD(pooled, "the counts by state follow every lease, discard and the end of the pool",
                 "[pool]") {
  {
    pool<session> sessions{
        telemetry.recorder(), {.name = "sessions", .minimum = 2, .maximum = 3}, session_factory{}};
    CHECK(metric("count") == "state=idle value=2\nstate=used value=0");
    auto lease = sessions.acquire();
    CHECK(metric("count") == "state=idle value=1\nstate=used value=1");
    lease.discard();
    CHECK(metric("count") == "state=idle value=1\nstate=used value=0");
  }
  CHECK(metric("count") == "state=idle value=0\nstate=used value=0");
}

TEST_CASE_METHOD(pooled, "a caller waits exactly as long as others have the object", "[pool]") {
  pool<session> sessions{
      telemetry.recorder(), {.name = "sessions", .maximum = 1}, session_factory{}};
  std::optional first{sessions.acquire()};

  std::thread borrower{[&] {
    const auto lease = sessions.acquire();
    telemetry.time().advance(5ms);
  }};
  wait_until_pending(1);
  telemetry.time().advance(30ms);
  first.reset();
  borrower.join();

  CHECK(metric("wait_time") == "count=2 sum=0.03 (0,0]=1 (0.0287,0.0312]=1");
  CHECK(metric("use_time") == "count=2 sum=0.035 (0.00465,0.005]=1 (0.0287,0.0312]=1");
  CHECK(metric("pending_requests") == "value=0");
}

TEST_CASE_METHOD(pooled, "callers that wait are served in the order of their arrival", "[pool]") {
  pool<session> sessions{
      telemetry.recorder(), {.name = "sessions", .maximum = 1}, session_factory{}};
  std::optional first{sessions.acquire()};

  std::string order;  // the pool's own lock orders the accesses
  std::vector<std::thread> borrowers;
  for (const char name : {'a', 'b', 'c'}) {
    borrowers.emplace_back([&, name] {
      const auto lease = sessions.acquire();
      order += name;
    });
    wait_until_pending(borrowers.size());
  }
  first.reset();
  for (std::thread& borrower : borrowers) borrower.join();

  CHECK(order == "abc");
}

TEST_CASE_METHOD(
    pooled, "a caller that waited too long gives up, and is counted as a timeout and as waiting",
    "[pool]") {
  pool<session> sessions{telemetry.recorder(),
                         {.name = "sessions", .maximum = 1, .acquisition_timeout = 1ms},
                         session_factory{}};
  {
    const auto lease = sessions.acquire();
    CHECK_THROWS_WITH(sessions.acquire(), "querytap: pool 'sessions': all 1 in use for 1 ms");
    CHECK_THROWS_AS(sessions.acquire(), pool_timeout);
  }
  CHECK_NOTHROW(sessions.acquire());

  CHECK(metric("timeouts") == "value=2");
  CHECK(metric("wait_time") == "count=4 sum=0 (0,0]=4");
  CHECK(metric("pending_requests") == "value=0");
}

TEST_CASE_METHOD(pooled, "making an object is create time, and neither waiting nor use", "[pool]") {
  pool<session> sessions{telemetry.recorder(), {.name = "sessions"}, [&] {
                           telemetry.time().advance(200ms);
                           return std::make_unique<session>();
                         }};
  (void)sessions.acquire();

  CHECK(metric("create_time") == "count=1 sum=0.2 (0.193,0.21]=1");
  CHECK(metric("wait_time") == "count=1 sum=0 (0,0]=1");
  CHECK(metric("use_time") == "count=1 sum=0 (0,0]=1");
}

TEST_CASE_METHOD(pooled, "an exception of create() passes through, and the place is free again",
                 "[pool]") {
  bool server_is_up = false;
  pool<session> sessions{telemetry.recorder(), {.name = "sessions", .maximum = 1}, [&] {
                           if (!server_is_up) throw std::domain_error{"refused"};
                           return std::make_unique<session>();
                         }};
  CHECK_THROWS_AS(sessions.acquire(), std::domain_error);
  CHECK_THROWS_AS(sessions.acquire(), std::domain_error);
  CHECK(sessions.used() == 0);
  server_is_up = true;
  CHECK_NOTHROW(sessions.acquire());

  CHECK(metric("count") == "state=idle value=1\nstate=used value=0");
  CHECK(metric("create_time") == "count=1 sum=0 (0,0]=1");
}

TEST_CASE_METHOD(pooled, "a pool whose minimum cannot be made is not constructed", "[pool]") {
  int made = 0;
  const auto second_fails = [&]() -> std::unique_ptr<session> {
    if (++made == 2) throw std::domain_error{"refused"};
    return std::make_unique<session>();
  };
  CHECK_THROWS_AS(
      (pool<session>{telemetry.recorder(), {.name = "sessions", .minimum = 2}, second_fails}),
      std::domain_error);
  CHECK(metric("count") == "state=idle value=0\nstate=used value=0");
}

TEST_CASE_METHOD(pooled, "a caller that waits takes over the place of an object that was discarded",
                 "[pool]") {
  pool<session> sessions{
      telemetry.recorder(), {.name = "sessions", .maximum = 1}, session_factory{}};
  auto lease = sessions.acquire();

  int number = 0;
  std::thread borrower{[&] { number = sessions.acquire()->number; }};
  wait_until_pending(1);
  lease.discard();
  borrower.join();

  CHECK(number == 2);
  CHECK(metric("count") == "state=idle value=1\nstate=used value=0");
}

TEST_CASE_METHOD(pooled, "an object that fails validation, or whose validation throws, is replaced",
                 "[pool]") {
  const auto only_odd_ones = [](session& s) {
    if (s.number == 4) throw std::runtime_error{"connection lost"};
    return s.number % 2 == 1;
  };
  pool<session> sessions{telemetry.recorder(),
                         {.name = "sessions", .maximum = 1},
                         session_factory{.made = 1},
                         only_odd_ones};
  CHECK(sessions.acquire()->number == 2);  // a new one is not validated
  CHECK(sessions.acquire()->number == 3);
  CHECK(sessions.acquire()->number == 3);
}

TEST_CASE_METHOD(pooled, "a create() that returns null is refused by name", "[pool]") {
  pool<session> sessions{
      telemetry.recorder(), {.name = "sessions"}, [] { return std::unique_ptr<session>{}; }};
  CHECK_THROWS_WITH(sessions.acquire(), Catch::Contains("create() returned nothing"));
  CHECK(sessions.used() == 0);
}

TEST_CASE_METHOD(pooled, "a lease can move, and end on another thread", "[pool]") {
  pool<session> sessions{telemetry.recorder(), {.name = "sessions"}, session_factory{}};

  auto first = sessions.acquire();
  auto second = sessions.acquire();
  first = std::move(second);  // ends the lease of session 1
  CHECK(first->number == 2);
  CHECK(sessions.idle() == 1);

  std::thread{[lease = std::move(first)] { CHECK(lease->number == 2); }}.join();
  CHECK(sessions.used() == 0);
  CHECK(sessions.idle() == 2);
}

TEST_CASE_METHOD(pooled,
                 "many threads share a few objects: each has its own, and every lease is counted",
                 "[pool]") {
  constexpr int threads = 8;
  constexpr int rounds = 2000;
  constexpr int maximum = 3;

  struct exclusive {
    std::atomic<int> users{0};
    int unguarded = 0;  // ThreadSanitizer would see two owners at once
  };
  std::atomic<int> alive{0};
  std::atomic<int> violations{0};
  {
    pool<exclusive> objects{telemetry.recorder(), {.name = "sessions", .maximum = maximum}, [&] {
                              if (++alive > maximum) ++violations;
                              return std::make_unique<exclusive>();
                            }};
    std::vector<std::thread> borrowers;
    for (int thread = 0; thread < threads; ++thread) {
      borrowers.emplace_back([&, thread] {
        for (int round = 0; round < rounds; ++round) {
          auto lease = objects.acquire();
          if (++lease->users > 1) ++violations;
          ++lease->unguarded;
          --lease->users;
          if ((round + thread) % 50 == 0) {
            --alive;
            lease.discard();
          }
        }
      });
    }
    for (std::thread& borrower : borrowers) borrower.join();
    CHECK(objects.used() == 0);
    CHECK(objects.idle() <= maximum);
  }
  CHECK(violations == 0);
  CHECK(metric("count") == "state=idle value=0\nstate=used value=0");
  CHECK(metric("wait_time") == "count=16000 sum=0 (0,0]=16000");
  CHECK(metric("use_time") == "count=16000 sum=0 (0,0]=16000");
  CHECK(metric("pending_requests") == "value=0");
}

TEST_CASE_METHOD(pooled, "the limits are exported under the pool's name, and gone with the pool",
                 "[pool]") {
  {
    pool<session> sessions{
        telemetry.recorder(), {.name = "sessions", .minimum = 1, .maximum = 7}, session_factory{}};
    CHECK(telemetry.text("db.client.connection.max") ==
          "db.client.connection.pool.name=sessions value=7");
    CHECK(metric("idle.max") == "value=7");
    CHECK(metric("idle.min") == "value=1");
  }
  CHECK(metric("max") == "value=0");
}

TEST_CASE_METHOD(pooled, "pool options that cannot work are refused by name and value", "[pool]") {
  const auto refusal = [&](const pool_options& options) {
    try {
      pool<session>{telemetry.recorder(), options, session_factory{}};
    } catch (const configuration_error& e) {
      return std::string{e.what()};
    }
    return std::string{"accepted"};
  };
  CHECK(refusal({.name = ""}) == "querytap: option 'name' = '': a pool needs a name");
  CHECK(refusal({.name = "a", .maximum = 0}) ==
        "querytap: option 'maximum' = '0': pool 'a': expected 1 to 65536");
  CHECK(refusal({.name = "a", .maximum = static_cast<std::size_t>(-1)}) ==
        "querytap: option 'maximum' = '18446744073709551615': pool 'a': expected 1 to 65536");
  CHECK(refusal({.name = "a", .minimum = 11}) ==
        "querytap: option 'minimum' = '11': pool 'a': expected no more than the maximum of 10");
  CHECK(refusal({.name = "a", .acquisition_timeout = -1ms}) ==
        "querytap: option 'acquisition_timeout' = '-1 ms': pool 'a': expected no less than 0 ms");
  CHECK(refusal({.name = "a", .acquisition_timeout = std::chrono::milliseconds::max()}) ==
        "accepted");
}

TEST_CASE_METHOD(pooled, "a pool that could make nothing is refused", "[pool]") {
  try {
    const pool<session> sessions{telemetry.recorder(), {.name = "sessions"}, nullptr};
    FAIL("accepted");
  } catch (const configuration_error& e) {
    CHECK(e.option() == "create");
  }
}

TEST_CASE_METHOD(pooled, "what is lent may have a server_pid() that is no number", "[pool]") {
  struct remote_session {
    [[nodiscard]] std::string server_pid() const { return "none"; }
  };
  pool<remote_session> sessions{telemetry.recorder(), {.name = "sessions"}, [] {
                                  return std::make_unique<remote_session>();
                                }};
  CHECK(sessions.acquire()->server_pid() == "none");
}

TEST_CASE_METHOD(pooled, "a lease that is assigned to itself lasts, and one that is replaced ends",
                 "[pool]") {
  pool<session> sessions{
      telemetry.recorder(), {.name = "sessions", .maximum = 2}, session_factory{}};
  auto lease = sessions.acquire();
  auto& same = lease;
  lease = std::move(same);
  CHECK(sessions.used() == 1);
  CHECK(lease->number == 1);
  lease = sessions.acquire();
  CHECK(sessions.used() == 1);
  CHECK(sessions.idle() == 1);
  CHECK(lease->number == 2);
}

TEST_CASE_METHOD(pooled, "pools of one name are counted as one, whatever the state of each",
                 "[pool]") {
  const auto counts = [&] {
    return metric("count") + "\nmax " + metric("max") + "\nidle max " + metric("idle.max") +
           "\ntimeouts " + metric("timeouts");
  };
  const auto expected = [](int idle, int used, int most, int timeouts) {
    const auto value = [](int number) { return "value=" + std::to_string(number); };
    return "state=idle " + value(idle) + "\nstate=used " + value(used) + "\nmax " + value(most) +
           "\nidle max " + value(most) + "\ntimeouts " + value(timeouts);
  };
  pool<session> large{
      telemetry.recorder(), {.name = "sessions", .minimum = 2, .maximum = 3}, session_factory{}};
  {
    pool<session> small{telemetry.recorder(),
                        {.name = "sessions", .maximum = 1, .acquisition_timeout = 0ms},
                        session_factory{}};
    CHECK(counts() == expected(2, 0, 4, 0));
    const auto of_large = large.acquire();
    const auto of_small = small.acquire();
    CHECK(counts() == expected(1, 2, 4, 0));
    CHECK_THROWS_AS(small.acquire(), pool_timeout);  // although the other one has room
    CHECK(counts() == expected(1, 2, 4, 1));
    CHECK(small.idle() + small.used() == 1);
    CHECK(large.idle() + large.used() == 2);
  }
  CHECK(counts() == expected(2, 0, 3, 1));
}
