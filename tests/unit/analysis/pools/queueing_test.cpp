// Erlang's formula gives the values that its tables print, and no load is too odd for it.

#include <analysis/pools/queueing.hpp>

#include <catch2/catch.hpp>

#include <cmath>

using namespace querytap::detail;

TEST_CASE("the share of callers that wait is that of Erlang's tables", "[queueing]") {
  struct row {
    std::size_t servers;
    double load;
    double share;
  };
  const row table[] = {{10, 8, 0.409180}, {1, 0.5, 0.5},    {2, 1, 1.0 / 3},
                       {3, 2, 4.0 / 9},   {5, 4, 0.554113}, {100, 90, 0.216940}};
  for (const row& row : table) {
    CAPTURE(row.servers, row.load);
    CHECK(waiting_share(row.servers, row.load) == Approx(row.share).epsilon(1e-4));
  }
}

TEST_CASE("the mean wait is in units of the time of use", "[queueing]") {
  CHECK(mean_wait(10, 8) * 20 == Approx(4.0918).epsilon(1e-4));  // ms, of uses of 20 ms
  CHECK(mean_wait(1, 0.5) == Approx(1));
}

TEST_CASE("one server is the queue that everyone knows: the share that waits is its load",
          "[queueing]") {
  for (double load = 0; load < 1; load += 0.1) CHECK(waiting_share(1, load) == Approx(load));
}

TEST_CASE("a load that is too much has everyone wait for ever", "[queueing]") {
  CHECK(waiting_share(4, 4) == 1);
  CHECK(waiting_share(4, 40) == 1);
  CHECK(std::isinf(mean_wait(4, 4)));
  CHECK(waiting_share(0, 0) == 1);
}

TEST_CASE("the servers needed are the fewest that suffice", "[queueing]") {
  for (const double load : {0.01, 0.5, 3.0, 8.0, 50.0, 900.0}) {
    for (const double share : {0.5, 0.2, 0.05}) {
      CAPTURE(load, share);
      const std::size_t needed = servers_needed(load, share, 10'000);
      CHECK(waiting_share(needed, load) <= share);
      if (needed > 1) CHECK(waiting_share(needed - 1, load) > share);
    }
  }
  CHECK(servers_needed(0, 0.05, 100) == 1);
  CHECK(servers_needed(1'000, 0.05, 100) == 100);
}

TEST_CASE("large numbers neither overflow nor cancel", "[queueing]") {
  CHECK(waiting_share(60'000, 59'000) < 1e-3);
  CHECK(waiting_share(60'000, 59'990) == Approx(0.95).margin(0.05));
}
