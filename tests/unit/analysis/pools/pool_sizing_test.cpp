// A pool's load says whether its maximum fits, and which would.

#include <analysis/pools/pool_sizing.hpp>

#include <catch2/catch.hpp>

#include <optional>
#include <string>

using namespace querytap;
using namespace querytap::detail;
using namespace std::chrono_literals;

namespace {

pool_load load_of(double per_second, std::chrono::microseconds each) {
  const auto uses = static_cast<std::uint64_t>(per_second * 60);
  return {.time = 60s, .uses = uses, .use_time = each * static_cast<std::int64_t>(uses)};
}

pool_report pool_of(std::size_t maximum, std::size_t open = 0) {
  return {.name = "documents", .maximum = maximum, .used = 0, .idle = open};
}

std::optional<finding> misfit(const pool_report& pool, const pool_load& load) {
  return misfit_of_pool(pool, load, {});
}

}  // namespace

TEST_CASE("Little's law: what is in use is the rate times the time of each", "[pool_sizing]") {
  const pool_load load = load_of(400, 20ms);
  CHECK(load.in_use() == Approx(8));
  CHECK(load.uses_per_second() == Approx(400));
  CHECK(load.mean_use_seconds() == Approx(0.02));
  CHECK(pool_load{}.in_use() == 0);
  CHECK(pool_load{}.mean_use_seconds() == 0);
}

TEST_CASE("a pool whose callers wait often is a finding with the size that fits", "[pool_sizing]") {
  const auto found = misfit(pool_of(10, 10), load_of(400, 20ms));
  REQUIRE(found);
  CHECK(found->kind == finding_kind::pool_size);
  CHECK(to_string(found->kind) == "pool_size");
  CHECK(found->pool == "documents");
  CHECK(found->message ==
        "400 leases a second of 20.0 ms each occupy 8.0 of the 10 of pool documents: "
        "41 % of callers wait, 4.09 ms on average");
  CHECK(found->advice ==
        "shorten the leases, or allow 14, with which some 5 % would wait, if the server serves as "
        "many at the same time");
}

TEST_CASE("a pool that is always in use is too small, however much it measures", "[pool_sizing]") {
  const auto found = misfit(pool_of(4, 4), load_of(300, 20ms));  // 6 of 4: leases from before
  REQUIRE(found);
  CHECK_THAT(found->message, Catch::Contains("100 % of callers wait"));
}

TEST_CASE("a pool that has several times as many open as it needs is a finding", "[pool_sizing]") {
  const auto found = misfit(pool_of(100, 60), load_of(100, 20ms));
  REQUIRE(found);
  CHECK(found->message ==
        "100 leases a second of 20.0 ms each occupy 2.0 of the 100 of pool documents, while 60 are "
        "open");
  CHECK(found->advice == "a maximum of 6 would do; each open connection costs the server memory");
}

TEST_CASE("a pool that fits, or of whose load little is known, is none", "[pool_sizing]") {
  CHECK_FALSE(misfit(pool_of(10, 10), load_of(200, 20ms)));
  CHECK_FALSE(misfit(pool_of(10, 10), load_of(1, 20ms)));
  CHECK_FALSE(misfit(pool_of(100, 10), load_of(100, 20ms)));  // allowed, but not open
  CHECK_FALSE(misfit(pool_of(100, 60), load_of(1, 20ms)));
}

TEST_CASE("the load between two reports is their difference", "[pool_sizing]") {
  pool_report before;
  before.age = 10s;
  before.uses = 100;
  before.use_time = 5s;
  pool_report after = before;
  after.age = 70s;
  after.uses = 700;
  after.use_time = 65s;
  const pool_load load = load_between(before, after);
  CHECK(load.time == 60s);
  CHECK(load.uses == 600);
  CHECK(load.use_time == 60s);
  CHECK(load_between(after, before).uses == 0);
}

TEST_CASE("a size adapts within its bounds, up faster than down", "[pool_sizing]") {
  const size_bounds bounds{2, 20};
  CHECK(adapted_size(4, bounds, load_of(400, 10ms), 0) == 6);   // needs 9 or more
  CHECK(adapted_size(10, bounds, load_of(100, 10ms), 0) == 9);  // needs 4
  CHECK(adapted_size(2, bounds, load_of(10, 1ms), 0) == 2);
  CHECK(adapted_size(20, bounds, load_of(5'000, 10ms), 0) == 20);
  CHECK(adapted_size(50, bounds, load_of(5'000, 10ms), 0) == 20);
  CHECK(adapted_size(1, bounds, pool_load{}, 0) == 2);
  CHECK(adapted_size(5, bounds, load_of(1, 1ms), 0) == 5);  // says too little
}

TEST_CASE("a size does not grow while the server is slower than usual", "[pool_sizing]") {
  const size_bounds bounds{2, 20};
  CHECK(adapted_size(4, bounds, load_of(400, 10ms), 0.005) == 4);
  CHECK(adapted_size(4, bounds, load_of(400, 10ms), 0.009) == 6);
}
