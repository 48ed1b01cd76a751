// A duration reads as three digits and the unit that fits it, and never as a thousand of a unit; a count
// reads in groups of three digits.

#include <querytap/base/human.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>

namespace {

using namespace std::chrono_literals;
using querytap::human_count;
using querytap::human_duration;

}  // namespace

TEST_CASE("a duration has the unit that leaves one to three digits before the point", "[human]") {
  CHECK(human_duration(0) == "0 ns");
  CHECK(human_duration(812e-9) == "812 ns");
  CHECK(human_duration(4.81e-6) == "4.81 µs");
  CHECK(human_duration(30.2e-3) == "30.2 ms");
  CHECK(human_duration(1.5) == "1.50 s");
  CHECK(human_duration(599) == "599 s");
  CHECK(human_duration(86'400) == "86400 s");
}

TEST_CASE("a duration of any unit reads as its seconds do", "[human]") {
  CHECK(human_duration(0ns) == "0 ns");
  CHECK(human_duration(812ns) == "812 ns");
  CHECK(human_duration(4'810ns) == "4.81 µs");
  CHECK(human_duration(999'600ns) == "1.00 ms");
  CHECK(human_duration(30'200us) == "30.2 ms");
  CHECK(human_duration(1'500ms) == "1.50 s");
  CHECK(human_duration(24h) == "86400 s");
}

TEST_CASE("a quantile of no calls is a dash", "[human]") {
  CHECK(human_duration(std::numeric_limits<double>::quiet_NaN()) == "–");
}

TEST_CASE("what rounds up to the next unit is written in it", "[human]") {
  CHECK(human_duration(999.4e-9) == "999 ns");
  CHECK(human_duration(999.6e-9) == "1.00 µs");
  CHECK(human_duration(999.4e-6) == "999 µs");
  CHECK(human_duration(999.6e-6) == "1.00 ms");
  CHECK(human_duration(999.4e-3) == "999 ms");
  CHECK(human_duration(999.6e-3) == "1.00 s");
  CHECK(human_duration(9.994e-3) == "9.99 ms");
  CHECK(human_duration(9.996e-3) == "10.0 ms");
  CHECK(human_duration(99.94e-3) == "99.9 ms");
  CHECK(human_duration(99.96e-3) == "100 ms");
}

TEST_CASE("any duration up to a quarter of an hour reads as itself, to half a percent", "[human]") {
  for (double seconds = 100e-9; seconds < 999; seconds *= 1.0123) {
    const std::string text = human_duration(seconds);
    const std::string unit = text.substr(text.find(' ') + 1);
    const double scale = unit == "ns" ? 1e-9 : unit == "µs" ? 1e-6 : unit == "ms" ? 1e-3 : 1;
    CAPTURE(seconds, text);
    CHECK(std::stod(text) * scale == Approx(seconds).epsilon(0.0051));
    CHECK(text.find(' ') <= 4);
  }
}

TEST_CASE("a count has a comma after each group of three digits", "[human]") {
  CHECK(human_count(0) == "0");
  CHECK(human_count(999) == "999");
  CHECK(human_count(1'000) == "1,000");
  CHECK(human_count(123'456) == "123,456");
  CHECK(human_count(1'234'567) == "1,234,567");
  CHECK(human_count(std::numeric_limits<std::uint64_t>::max()) == "18,446,744,073,709,551,615");
}
