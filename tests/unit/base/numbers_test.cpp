// The number at the front of a text is read, and a text without one is 0.

#include <base/numbers.hpp>
#include <base/seconds.hpp>

#include <catch2/catch.hpp>

#include <cstdint>

using namespace std::chrono_literals;
using querytap::detail::leading_number;
using querytap::detail::seconds_of;

TEST_CASE("a number is read up to the first character that does not belong to it", "[numbers]") {
  CHECK(leading_number<double>("1700000000.25") == 1'700'000'000.25);
  CHECK(leading_number<long>("-42") == -42);
  CHECK(leading_number<long>("42 rows") == 42);
  CHECK(leading_number<std::uint16_t>("5432") == 5432);
}

TEST_CASE("a text without a number that fits the type is 0", "[numbers]") {
  for (const char* bad : {"", " 1", "x1", "+1", "-"}) {
    CAPTURE(bad);
    CHECK(leading_number<long>(bad) == 0);
    CHECK(leading_number<double>(bad) == 0);
  }
  CHECK(leading_number<std::uint16_t>("65536") == 0);
  CHECK(leading_number<std::uint16_t>("-1") == 0);
}

TEST_CASE("a duration is exact in seconds", "[numbers]") {
  CHECK(seconds_of(0ns) == 0);
  CHECK(seconds_of(30ms) == 0.03);
  CHECK(seconds_of(-1'500ms) == -1.5);
  CHECK(seconds_of(24h) == 86'400);
}
