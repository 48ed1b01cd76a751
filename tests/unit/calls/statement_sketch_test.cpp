// Past the series limit the heaviest statements are known by name, and the lightest makes room for the next.

#include <calls/sketched_cost.hpp>
#include <calls/statement_sketch.hpp>

#include <querytap/calls/backend.hpp>
#include <querytap/snapshot/snapshot.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;

constexpr std::size_t capacity = detail::statement_sketch::capacity;

/// A service whose sketch is full.
class overflowing_service {
 public:
  overflowing_service() {
    while (statements_.size() < capacity) {
      const statement_handle fresh = call_new_statement();
      if (fresh->is_overflow()) statements_.push_back(fresh);
    }
  }

  statement_handle call_new_statement() {
    const std::string number = std::to_string(next_++);
    return statement_handle{postgres_.statement_for("select a from table_" + number)};
  }
  [[nodiscard]] const std::vector<statement_handle>& statements() const { return statements_; }

 private:
  capture telemetry_{{.series_limit = 10}};
  backend postgres_{telemetry_.recorder(), {.system = "postgresql"}};
  std::vector<statement_handle> statements_;
  int next_ = 0;
};

}  // namespace

TEST_CASE("the lightest statement makes room for a new one, which inherits its weight") {
  overflowing_service service;
  std::vector<const statement*> by_weight(capacity);
  for (std::size_t i = 0; i < capacity; ++i) {
    const std::size_t rank = i * 1237 % capacity;
    by_weight[rank] = &*service.statements()[i];
    by_weight[rank]->weight()->add(1'000 + rank);
  }
  for (std::size_t rank = 0; rank < 300; ++rank) {
    const statement_handle fresh = service.call_new_statement();
    CAPTURE(rank);
    REQUIRE(by_weight[rank]->is_stale());
    REQUIRE_FALSE(by_weight[rank + 1]->is_stale());
    REQUIRE(fresh->weight()->inherited == 1'000 + rank);
    fresh->weight()->add(1'000'000);
  }
}

TEST_CASE("a statement makes room while other threads call all of them") {
  overflowing_service service;
  std::atomic<bool> is_over{false};
  std::atomic<std::uint64_t> rounds{0};
  const auto call_all = [&] {
    for (; !is_over; ++rounds) {
      for (const statement_handle& called : service.statements()) called->weight()->add(1);
    }
  };
  std::thread first{call_all};
  std::thread second{call_all};
  while (rounds < 10) std::this_thread::yield();
  const statement_handle fresh = service.call_new_statement();
  is_over = true;
  first.join();
  second.join();

  std::size_t evicted = 0;
  for (const statement_handle& known : service.statements()) evicted += known->is_stale() ? 1 : 0;
  CHECK(evicted == 1);
  CHECK(fresh->weight()->inherited > 0);
}

TEST_CASE("each backend's heaviest statements are shown, whatever those of another one cost") {
  capture telemetry{{.series_limit = 1}};
  const backend slow{telemetry.recorder(), {.system = "postgresql"}};
  const backend fast{telemetry.recorder(), {.system = "sqlite"}};
  const auto call = [](const backend& backend, int statements, std::uint64_t nanoseconds) {
    for (int i = 0; i < statements; ++i) {
      const std::string number = std::to_string(i);
      const statement& called = backend.statement_for("select a from table_" + number);
      if (called.is_overflow()) called.weight()->add(nanoseconds);
    }
  };
  call(slow, 400, 1'000'000);
  call(fast, 100, 1'000);

  const std::vector<sketched_statement> shown = telemetry.recorder().collect().overflowed;
  const auto count_of = [&](const std::string& system) {
    return std::ranges::count(shown, system, &sketched_statement::system);
  };
  CHECK(count_of("postgresql") == detail::statement_sketch::most_shown);
  CHECK(count_of("sqlite") == 100);
  CHECK(std::ranges::is_sorted(shown, std::ranges::greater{}, &sketched_statement::nanoseconds));
}
