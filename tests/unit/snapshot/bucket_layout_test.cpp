// Every integer falls into the one bucket that each view of a histogram asks for, to the last
// nanosecond on both sides of every edge; thresholds that cannot be exact are refused.

#include <querytap/base/error.hpp>
#include <querytap/snapshot/bucket_layout.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <unit/snapshot/exact_edges.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::testing;

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
constexpr double infinity = std::numeric_limits<double>::infinity();
const std::vector<double> few_thresholds{0.005, 0.02, 0.2, 0.3, 2};

std::shared_ptr<const bucket_layout> make(const instrument& instrument,
                                          const std::vector<double>& thresholds = {}) {
  return bucket_layout::make(instrument, thresholds);
}

int exponential_index(const bucket_layout& layout, std::uint64_t value) {
  return layout.exponential_index(layout.find(value).flat);
}

std::uint64_t upper_edge(const bucket_layout& layout, std::uint64_t value) {
  return layout.upper_edge(layout.find(value).flat);
}

std::vector<const instrument*> histograms() {
  std::vector<const instrument*> found;
  std::copy_if(
      catalog::all.begin(), catalog::all.end(), std::back_inserter(found),
      [](const instrument* instrument) { return instrument->kind == instrument_kind::histogram; });
  return found;
}

/// Every edge that a layout must have, sorted, computed without it: 0, the exponential edges, the
/// bounds and thresholds, and the end of every power of two, where pages end.
std::vector<std::uint64_t> expected_edges(const instrument& instrument,
                                          const std::vector<double>& thresholds) {
  static std::map<std::uint64_t, std::vector<std::uint64_t>> exponential;
  auto& known = exponential[integers_per_unit(instrument)];
  if (known.empty()) known = exact_exponential_edges(instrument);

  std::vector<std::uint64_t> edges = known;
  edges.push_back(0);
  for (int bits = 1; bits < 64; ++bits) edges.push_back((std::uint64_t{1} << bits) - 1);
  for (const double bound : instrument.bounds) edges.push_back(exact_bound_edge(instrument, bound));
  for (const double bound : thresholds) edges.push_back(exact_bound_edge(instrument, bound));
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  return edges;
}

std::uint64_t first_at_or_above(const std::vector<std::uint64_t>& edges, std::uint64_t value) {
  for (const std::uint64_t edge : edges) {
    if (edge >= value) return edge;
  }
  return most;
}

/// One line for each value that falls into another bucket than it should.
std::string misplaced(const instrument& instrument, const std::vector<double>& thresholds) {
  const auto layout = make(instrument, thresholds);
  const std::vector<std::uint64_t> edges = expected_edges(instrument, thresholds);
  std::string wrong;
  for (const std::uint64_t edge : edges) {
    for (const std::uint64_t value : {edge - 1, edge, edge + 1}) {
      if (value >= exact_up_to(instrument)) continue;
      const std::uint64_t expected = first_at_or_above(edges, value);
      const std::uint64_t upper = upper_edge(*layout, value);
      const int index = value == 0 ? bucket_layout::zero_bucket
                                   : exact_exponential_index(value, integers_per_unit(instrument));
      const int reported = exponential_index(*layout, value);
      if (upper == expected && reported == index) continue;
      wrong += fmt::format("{}: {} ends at {}, not {}; exponential index {}, not {}\n",
                           instrument.name, value, upper, expected, reported, index);
    }
  }
  return wrong;
}

/// As misplaced(), above the exact integers of a double: an edge may be off by its last bit.
std::string far_misplaced(const instrument& instrument) {
  const auto layout = make(instrument);
  const std::uint64_t per_unit = integers_per_unit(instrument);
  std::string wrong;
  for (const std::uint64_t edge : expected_edges(instrument, {})) {
    for (const std::uint64_t value : {edge - 1, edge, edge + 1}) {
      if (value < exact_up_to(instrument)) continue;
      const std::uint64_t rounding = value / exact_up_to(instrument);
      const int least = exact_exponential_index(value - rounding, per_unit);
      const int greatest =
          exact_exponential_index(value + std::min(rounding, most - value), per_unit);
      const int reported = exponential_index(*layout, value);
      if (reported < least || reported > greatest) {
        wrong += fmt::format("{}: {} has exponential index {}\n", instrument.name, value, reported);
      }
    }
  }
  return wrong;
}

std::string refusal(const instrument& instrument, const std::vector<double>& thresholds) {
  try {
    make(instrument, thresholds);
  } catch (const configuration_error& error) {
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("durations fall into the exponential bucket of their seconds", "[bucket_layout]") {
  const auto layout = make(catalog::operation_duration);
  const std::vector<std::pair<std::uint64_t, int>> reference{
      {1'000, -160},        {1'000'000, -80},      {5'000'000, -62},       {10'000'000, -54},
      {100'000'000, -27},   {250'000'000, -17},    {500'000'000, -9},      {750'000'000, -4},
      {1'000'000'000, -1},  {1'000'000'001, 0},    {1'500'000'000, 4},     {2'000'000'000, 7},
      {10'000'000'000, 26}, {100'000'000'000, 53}, {1'024'000'000'000, 79}};
  for (const auto& [nanoseconds, index] : reference) {
    CAPTURE(nanoseconds);
    CHECK(exponential_index(*layout, nanoseconds) == index);
  }
}

TEST_CASE("whole units fall into the exponential bucket of themselves", "[bucket_layout]") {
  const auto layout = make(catalog::returned_rows);
  const std::vector<std::pair<std::uint64_t, int>> reference{
      {1, -1}, {2, 7}, {3, 12}, {4, 15}, {10, 26}, {100, 53}, {1000, 79}, {1024, 79}, {1025, 80}};
  for (const auto& [value, index] : reference) {
    CAPTURE(value);
    CHECK(exponential_index(*layout, value) == index);
  }
}

TEST_CASE("on both sides of every edge of every histogram lies the right bucket",
          "[bucket_layout]") {
  for (const instrument* instrument : histograms()) {
    CHECK(misplaced(*instrument, {}) == "");
    CHECK(misplaced(*instrument, few_thresholds) == "");
  }
}

TEST_CASE("values beyond the precision of a double are misplaced by its last bit at most",
          "[bucket_layout]") {
  CHECK(far_misplaced(catalog::operation_duration) == "");
  CHECK(far_misplaced(catalog::returned_rows) == "");
}

TEST_CASE("a bucket never reaches across a bound or a threshold", "[bucket_layout]") {
  for (const instrument* instrument : histograms()) {
    const auto layout = make(*instrument, few_thresholds);
    const auto edges = layout->bound_edges();
    for (std::size_t flat = 0; flat < bucket_layout::buckets; ++flat) {
      const std::uint64_t upper = layout->upper_edge(flat);
      const auto reached = static_cast<std::size_t>(
          std::count_if(edges.begin(), edges.end(), [&](std::uint64_t e) { return e < upper; }));
      if (layout->bound_index(flat) != reached) {
        CAPTURE(instrument->name, flat);
        CHECK(layout->bound_index(flat) == reached);
      }
    }
  }
}

TEST_CASE("any value lies above the bucket before its own and not above its own",
          "[bucket_layout]") {
  const auto layout = make(catalog::operation_duration, few_thresholds);
  std::mt19937_64 random{1};
  for (int i = 0; i < 100'000; ++i) {
    const std::uint64_t value = random() >> (random() % 64);
    const bucket_layout::place place = layout->find(value);
    const bool fits = layout->upper_edge(place.flat) >= value &&
                      (place.flat == 0 || layout->upper_edge(place.flat - 1) < value);
    const bool consistent =
        place.octave == static_cast<unsigned>(std::bit_width(value | 1)) - 1 &&
        place.octave * bucket_layout::buckets_per_octave + place.bucket() == place.flat;
    if (!fits || !consistent) {
      CAPTURE(value, place.octave, place.flat);
      CHECK(fits);
      CHECK(consistent);
    }
  }
}

TEST_CASE("upper edges ascend, and each is found in the bucket that it ends", "[bucket_layout]") {
  for (const instrument* instrument : histograms()) {
    CAPTURE(instrument->name);
    const auto layout = make(*instrument, few_thresholds);
    std::string wrong;
    for (std::size_t flat = 0; flat < bucket_layout::buckets; ++flat) {
      const std::uint64_t upper = layout->upper_edge(flat);
      const bool reachable = flat == 0 || upper != layout->upper_edge(flat - 1);
      if (flat != 0 && upper < layout->upper_edge(flat - 1))
        wrong += fmt::format("{} sinks\n", flat);
      if (reachable && layout->find(upper).flat != flat) wrong += fmt::format("{} misses\n", flat);
    }
    CHECK(wrong == "");
    CHECK(layout->upper_edge(bucket_layout::buckets - 1) == most);
  }
}

TEST_CASE("nothing but 0 falls into the bucket of 0", "[bucket_layout]") {
  for (const instrument* instrument : histograms()) {
    CAPTURE(instrument->name);
    const auto layout = make(*instrument);
    CHECK(upper_edge(*layout, 0) == 0);
    CHECK(exponential_index(*layout, 0) == bucket_layout::zero_bucket);
    CHECK(upper_edge(*layout, 1) == 1);
    CHECK(exponential_index(*layout, 1) != bucket_layout::zero_bucket);
  }
}

TEST_CASE("the largest integer has a bucket", "[bucket_layout]") {
  for (const instrument* instrument : histograms()) {
    CAPTURE(instrument->name);
    const auto layout = make(*instrument, few_thresholds);
    const bucket_layout::place last = layout->find(most);
    CHECK(last.octave == 63);
    CHECK(last.flat < bucket_layout::buckets);
    CHECK(layout->upper_edge(last.flat) == most);
    CHECK(layout->bound_index(last.flat) == layout->bounds().size());
  }
  CHECK(exponential_index(*make(catalog::returned_rows), most) == 511);
  CHECK(exponential_index(*make(catalog::operation_duration), most) == 272);
}

TEST_CASE("the edge of a bound is the last integer that is exported at or below it",
          "[bucket_layout]") {
  const auto is_exact = [](double bound) {
    const std::uint64_t edge = bucket_layout::edge_of(bound, 1e9);
    return static_cast<double>(edge) / 1e9 <= bound && static_cast<double>(edge + 1) / 1e9 > bound;
  };
  for (const instrument* instrument : histograms()) {
    for (const double bound : instrument->bounds) {
      CAPTURE(bound);
      CHECK(bucket_layout::edge_of(bound, 1) == static_cast<std::uint64_t>(bound));
      CHECK(is_exact(bound));
    }
  }
  std::mt19937_64 random{2};
  std::uniform_real_distribution<double> magnitude{-12, 6};
  for (int i = 0; i < 10'000; ++i) {
    const double bound = std::pow(10, magnitude(random));
    if (!is_exact(bound)) {
      CAPTURE(bound);
      CHECK(is_exact(bound));
    }
  }
}

TEST_CASE("a threshold of n milliseconds ends at exactly n milliseconds", "[bucket_layout]") {
  std::string wrong;
  for (std::uint64_t milliseconds = 1; milliseconds <= 100'000; ++milliseconds) {
    const double seconds = static_cast<double>(milliseconds) / 1000;
    if (bucket_layout::edge_of(seconds, 1e9) != milliseconds * 1'000'000) {
      wrong += fmt::format("{} ", milliseconds);
    }
  }
  CHECK(wrong == "");
}

TEST_CASE("a bound that no integer reaches or that none exceeds still has an edge",
          "[bucket_layout]") {
  CHECK(bucket_layout::edge_of(0, 1e9) == 0);
  CHECK(bucket_layout::edge_of(1e-10, 1e9) == 0);
  CHECK(bucket_layout::edge_of(0.5, 1) == 0);
  CHECK(bucket_layout::edge_of(1e11, 1e9) == most);
  CHECK(bucket_layout::edge_of(18446744073709551616.0, 1) == most);
  CHECK(bucket_layout::edge_of(infinity, 1) == most);
}

TEST_CASE("bounds and thresholds stand together, ascending, each once", "[bucket_layout]") {
  const auto layout = make(catalog::operation_duration, {2, 0.3, 0.005, 0.3, 0.02});
  CHECK(fmt::format("{}", fmt::join(layout->bounds(), " ")) ==
        "0.001 0.005 0.01 0.02 0.05 0.1 0.3 0.5 1 2 5 10");
  CHECK(fmt::format("{}", fmt::join(layout->bound_edges(), " ")) ==
        "1000000 5000000 10000000 20000000 50000000 100000000 300000000 500000000 1000000000 "
        "2000000000 5000000000 10000000000");
  CHECK(layout->recorded_per_unit() == 1e9);
}

TEST_CASE("an instrument without bounds has exponential buckets only", "[bucket_layout]") {
  static constexpr instrument plain{"test.plain", "s", instrument_kind::histogram, "Plain."};
  CHECK(misplaced(plain, {}) == "");
  CHECK(make(plain)->bounds().empty());
  CHECK(make(plain)->bound_index(make(plain)->find(most).flat) == 0);
}

TEST_CASE("any round threshold from a microsecond to a minute is accepted", "[bucket_layout]") {
  std::string refused;
  for (const instrument* instrument : histograms()) {
    if (instrument->unit != "s") continue;
    for (const int digits : {10, 12, 15, 20, 25, 30, 40, 50, 60, 70, 75, 80, 90}) {
      for (int exponent = -7; exponent <= 0; ++exponent) {
        const double threshold = std::stod(fmt::format("{}e{}", digits, exponent));
        if (refusal(*instrument, {threshold}) != "accepted") {
          refused += fmt::format("{}: {}\n", instrument->name, threshold);
        }
      }
    }
  }
  CHECK(refused == "");
}

TEST_CASE("thresholds too close to each other are refused by name", "[bucket_layout]") {
  CHECK(refusal(catalog::operation_duration, {0.2031, 0.2032, 0.2033}) ==
        "querytap: option 'slo_thresholds' = '0.2033': too close to other bucket bounds: "
        "at most two within a 64th of a power of two");
  CHECK(refusal(catalog::operation_duration, {0.2031, 0.2032}) == "accepted");
}

TEST_CASE("a single threshold of up to three digits always has room", "[bucket_layout]") {
  for (const instrument* instrument : catalog::all) {
    if (instrument->kind != instrument_kind::histogram || instrument->unit != "s") continue;
    for (int digits = 1; digits < 1'000; ++digits) {
      CAPTURE(instrument->name, digits);
      REQUIRE(refusal(*instrument, {digits * 1e-3}) == "accepted");
    }
  }
}

TEST_CASE("the threshold that is refused is one of the options", "[bucket_layout]") {
  std::string wrong;
  std::size_t refused = 0;
  for (int digits = 1'000; digits < 100'000; digits += 7) {
    const double threshold = std::stod(fmt::format("{}e-6", digits));
    const std::string message =
        refusal(catalog::operation_duration, {threshold, threshold * 1.0001});
    if (message == "accepted") continue;
    ++refused;
    const auto named = [&](double asked) {
      return message.find(fmt::format("option 'slo_thresholds' = '{}'", asked)) !=
             std::string::npos;
    };
    if (!named(threshold) && !named(threshold * 1.0001)) {
      wrong += fmt::format("asked for {}: {}\n", threshold, message);
    }
  }
  CHECK(refused != 0);
  CHECK(wrong == "");
}

TEST_CASE("a threshold that is not above 0 and finite is refused by name", "[bucket_layout]") {
  const std::string reason = ": expected a positive, finite value";
  for (const double wrong : {-0.2, 0.0, infinity, -infinity, std::nan("")}) {
    CHECK(refusal(catalog::operation_duration, {0.1, wrong}) ==
          fmt::format("querytap: option 'slo_thresholds' = '{}'{}", wrong, reason));
  }
}

TEST_CASE("an instrument's bound that is not a number at or above 0 is refused",
          "[bucket_layout]") {
  static constexpr double not_a_number[] = {1, std::numeric_limits<double>::quiet_NaN()};
  static constexpr double endless[] = {1, infinity};
  static constexpr double below_zero[] = {-1, 1};
  for (const std::span<const double> wrong :
       {std::span{not_a_number}, std::span{endless}, std::span{below_zero}}) {
    const instrument instrument{"test.wrong", "{thing}", instrument_kind::histogram, "Wrong.",
                                wrong};
    CAPTURE(fmt::format("{}", fmt::join(wrong, " ")));
    REQUIRE(refusal(instrument, {}) != "accepted");
  }
}
