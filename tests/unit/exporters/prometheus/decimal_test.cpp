// Numbers are written exactly, and as other programs write them.

#include <exporters/prometheus/decimal.hpp>

#include <catch2/catch.hpp>

#include <limits>
#include <random>
#include <string>

namespace {

using namespace querytap::detail;

template <class Integer>
std::string in_unit(Integer recorded, double per_unit = 1e9) {
  char text[most_digits];
  return {text, write_in_unit(text, recorded, per_unit)};
}

}  // namespace

TEST_CASE("nanoseconds are written as seconds, exactly", "[decimal]") {
  CHECK(in_unit(std::uint64_t{0}) == "0");
  CHECK(in_unit(std::uint64_t{1}) == "0.000000001");
  CHECK(in_unit(std::uint64_t{300'000'000}) == "0.3");
  CHECK(in_unit(std::uint64_t{20'602'000'002}) == "20.602000002");
  CHECK(in_unit(std::uint64_t{3'000'000'000}) == "3");
  CHECK(in_unit(std::int64_t{-1'500'000'000}) == "-1.5");
  CHECK(in_unit(std::numeric_limits<std::int64_t>::min()) == "-9223372036.854775808");
  CHECK(in_unit(std::numeric_limits<std::uint64_t>::max()) == "18446744073.709551615");
}

TEST_CASE("what is counted in whole units stays whole", "[decimal]") {
  CHECK(in_unit(std::uint64_t{7}, 1) == "7");
  CHECK(in_unit(std::int64_t{-7}, 1) == "-7");
  CHECK(in_unit(std::numeric_limits<std::uint64_t>::max(), 1) == "18446744073709551615");
}

TEST_CASE("parts of a unit are written as that unit, exactly", "[decimal]") {
  CHECK(in_unit(std::uint64_t{1}, 1e6) == "0.000001");
  CHECK(in_unit(std::uint64_t{250'000}, 1e6) == "0.25");
  CHECK(in_unit(std::int64_t{-1'500'000}, 1e6) == "-1.5");
  CHECK(in_unit(std::uint64_t{1234}, 1e2) == "12.34");
  CHECK(in_unit(std::numeric_limits<std::uint64_t>::max(), 1e6) == "18446744073709.551615");
}

TEST_CASE("a reader of the seconds gets the nearest double", "[decimal]") {
  std::mt19937_64 random{1};
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t recorded = random() >> (11 + random() % 50);
    REQUIRE(std::stod(in_unit(recorded)) == static_cast<double>(recorded) / 1e9);
  }
}

TEST_CASE("canonical numbers are Go's, always floats", "[decimal]") {
  CHECK(canonical_number(0) == "0.0");
  CHECK(canonical_number(0.1) == "0.1");
  CHECK(canonical_number(1) == "1.0");
  CHECK(canonical_number(10) == "10.0");
  CHECK(canonical_number(100'000) == "100000.0");
  CHECK(canonical_number(1'000'000) == "1e+06");
  CHECK(canonical_number(16'777'216) == "1.6777216e+07");
  CHECK(canonical_number(0.0001) == "0.0001");
  CHECK(canonical_number(0.00001) == "1e-05");
  CHECK(canonical_number(-2.5) == "-2.5");
  CHECK(canonical_number(std::numeric_limits<double>::infinity()) == "+Inf");
}
