// A keeper does for a pool what is due, on a thread of its own, and adapts its size within bounds.

#include <querytap/base/error.hpp>
#include <querytap/policies/pool.hpp>
#include <querytap/runtime/pools/pool_keeper.hpp>
#include <querytap/testing/capture.hpp>
#include <runtime/pools/keeper_job.hpp>

#include <catch2/catch.hpp>

#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>

using namespace querytap;
using namespace std::chrono_literals;

namespace {

struct flaky_pool {
  explicit flaky_pool(pool_options options)
      : connections{telemetry.recorder(), std::move(options), [this] {
                      if (fails) throw std::domain_error{"refused"};
                      return std::make_unique<int>(++made);
                    }} {}

  capture telemetry;
  std::atomic<bool> fails{false};
  std::atomic<int> made{0};
  pool<int> connections;
};

struct job_lab {
  job_lab(pool_options options, const pool_keeper_options& keeping)
      : slots{detail::pool_slots::make(telemetry.recorder(), std::move(options),
                                       std::make_unique<numbers>())},
        job{thread, *slots, keeping} {}
  ~job_lab() { slots->close_and_release(); }
  job_lab(const job_lab&) = delete;
  job_lab& operator=(const job_lab&) = delete;

  struct numbers final : detail::pool_objects {
    numbers() : pool_objects{false, false, false} {}
    void* make() override { return new int{0}; }
    bool is_valid(void* /*object*/) noexcept override { return true; }
    bool reset(void* /*object*/) noexcept override { return true; }
    void destroy(void* object) noexcept override { delete static_cast<int*>(object); }
    [[nodiscard]] std::uint32_t server_pid(void* /*object*/) const noexcept override { return 0; }
  };

  void use(int times, std::chrono::milliseconds each) {
    for (int i = 0; i < times; ++i) {
      const detail::pool_slots::lent lent = slots->take(code_location::current());
      telemetry.time().advance(each);
      slots->give_back(*lent.slot, true);
    }
  }
  std::size_t maximum() const { return slots->report().maximum; }

  capture telemetry;
  detail::background_thread thread{detail::task_clock::steady()};
  detail::pool_slots* slots;
  detail::keeper_job job;
};

}  // namespace

TEST_CASE("a keeper warms a pool up in the background", "[pool_keeper]") {
  flaky_pool lab{{.name = "documents", .minimum = 3, .warm_up_in_background = true}};
  CHECK(lab.made == 0);
  const pool_keeper keeper{lab.connections};
  while (lab.connections.idle() != 3) std::this_thread::yield();
  CHECK(lab.made == 3);
}

TEST_CASE("a server that is down ends no keeper", "[pool_keeper]") {
  flaky_pool lab{{.name = "documents", .minimum = 1, .warm_up_in_background = true}};
  lab.fails = true;
  const pool_keeper keeper{lab.connections};
  CHECK_THROWS_AS(lab.connections.acquire(), std::domain_error);
}

TEST_CASE("a size adapts to the load, within the share of the server", "[pool_keeper]") {
  job_lab lab{{.name = "documents", .minimum = 1, .maximum = 20},
              {.adaptive = true, .adapt_every = 10s, .server_connections = 24, .instances = 3}};
  CHECK(lab.maximum() == 8);
  lab.use(100, 1ms);
  lab.telemetry.time().advance(10s);
  lab.job.step();
  CHECK(lab.maximum() == 7);
  for (int i = 0; i < 10; ++i) {
    lab.use(200, 1ms);
    lab.telemetry.time().advance(10s);
    lab.job.step();
  }
  CHECK(lab.maximum() == 1);
  lab.use(1'000, 12ms);  // all of the time
  lab.job.step();
  CHECK(lab.maximum() == 1);  // slower than before: the server, not the size
  for (int i = 0; i < 20; ++i) {
    lab.use(1'000, 12ms);
    lab.job.step();
  }
  CHECK(lab.maximum() > 2);
  CHECK(lab.maximum() <= 8);
}

TEST_CASE("a size that adapts in centuries stays", "[pool_keeper]") {
  job_lab lab{{.name = "documents", .maximum = 20},
              {.adaptive = true, .adapt_every = std::chrono::milliseconds::max()}};
  lab.use(1'000, 1ms);
  lab.job.step();
  CHECK(lab.maximum() == 20);
}

TEST_CASE("a keeper without a share of the server leaves the size alone", "[pool_keeper]") {
  job_lab lab{{.name = "documents", .maximum = 20}, {}};
  lab.use(1'000, 20ms);
  lab.job.step();
  CHECK(lab.maximum() == 20);
}

TEST_CASE("keeper options that cannot work are refused by name and value", "[pool_keeper]") {
  flaky_pool lab{{.name = "documents"}};
  const auto refusal = [&](const pool_keeper_options& options) {
    try {
      const pool_keeper keeper{lab.connections, options};
    } catch (const configuration_error& e) {
      return std::string{e.what()};
    }
    return std::string{"accepted"};
  };
  CHECK(refusal({.instances = 0}) ==
        "querytap: option 'instances' = '0': pool_keeper: expected 1 or more");
  CHECK(refusal({.adapt_every = 0ms}) ==
        "querytap: option 'adapt_every' = '0 ms': pool_keeper: expected more than 0 ms");
  CHECK(
      refusal({.server_connections = 3, .instances = 4}) ==
      "querytap: option 'server_connections' = '3': pool_keeper: 4 instances leave none for each");
}
