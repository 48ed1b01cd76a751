// A sum that would exceed its 64 bits stays at the largest number, and that is counted.

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace querytap;

namespace {

__extension__ using wide = unsigned __int128;

constexpr std::uint64_t largest_sum = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t largest_total = std::numeric_limits<std::int64_t>::max();

std::uint64_t sum_in(recorder& recorder) {
  return recorder.collect().find(catalog::scrape_size.name).at(0).histogram->sum();
}

std::int64_t total_in(recorder& recorder) {
  return recorder.collect().find(catalog::operation_slow.name).at(0).number;
}

/// After one more collection: what a collection finds, the next one counts.
std::int64_t saturated_in(recorder& recorder) {
  static_cast<void>(recorder.collect());
  for (const point& p : recorder.collect().find(catalog::dropped.name)) {
    if (to_string(p.series->labels) == "querytap.reason=saturated") return p.number;
  }
  return -1;
}

}  // namespace

TEST_CASE("a sum is exact, or the largest number where it would be larger") {
  struct example {
    std::vector<std::uint64_t> values;
    std::uint64_t sum;
  };
  const std::vector<example> examples{
      {{largest_sum}, largest_sum},
      {{largest_sum - 1}, largest_sum - 1},
      {{largest_sum - 1, 1}, largest_sum},
      {{largest_sum, 1}, largest_sum},
      {{largest_sum, largest_sum, largest_sum}, largest_sum},
      {{largest_sum, 0, 0}, largest_sum},
      {{largest_sum - 5, 2, 2}, largest_sum - 1},
      {{largest_sum - 5, 2, 3, 7}, largest_sum},
      {{std::uint64_t{1} << 63, std::uint64_t{1} << 63}, largest_sum},
      {{(std::uint64_t{1} << 63) - 1, std::uint64_t{1} << 63}, largest_sum},
      {{(std::uint64_t{1} << 63) - 2, std::uint64_t{1} << 63}, largest_sum - 1},
  };
  for (const example& each : examples) {
    recorder recorder{{.service_name = "test"}};
    const histogram sizes = recorder.bind_histogram(catalog::scrape_size, {});
    for (const std::uint64_t value : each.values) sizes.record(value);
    CAPTURE(each.values);
    CHECK(sum_in(recorder) == each.sum);
    CHECK(recorder.collect().find(catalog::scrape_size.name)[0].histogram->count() ==
          each.values.size());
  }
}

TEST_CASE("of any values the sum is the true one up to its limit") {
  std::mt19937_64 random{20261129};
  for (int round = 0; round < 300; ++round) {
    recorder recorder{{.service_name = "test"}};
    const histogram sizes = recorder.bind_histogram(catalog::scrape_size, {});
    const int shift = 1 + static_cast<int>(random() % 8);
    wide sum = 0;
    for (int i = 0; i < 60; ++i) {
      const std::uint64_t value = random() >> shift;
      sizes.record(value);
      sum += value;
      if (i % 20 != 19) continue;
      CHECK(sum_in(recorder) ==
            (sum > largest_sum ? largest_sum : static_cast<std::uint64_t>(sum)));
    }
  }
}

TEST_CASE("sums of several threads saturate together, once") {
  recorder recorder{{.service_name = "test"}};
  const histogram sizes = recorder.bind_histogram(catalog::scrape_size, {});
  CHECK(saturated_in(recorder) == 0);
  const auto record_in_new_lane = [&] {
    std::thread first{[&] {
      sizes.record(std::uint64_t{3} << 62);
      std::thread{[&] { sizes.record(std::uint64_t{3} << 62); }}.join();
    }};
    first.join();
  };
  record_in_new_lane();
  CHECK(sum_in(recorder) == largest_sum);
  CHECK(saturated_in(recorder) == 1);
  record_in_new_lane();
  CHECK(sum_in(recorder) == largest_sum);
  CHECK(saturated_in(recorder) == 1);
}

TEST_CASE("a counter ends at its largest number, and never falls") {
  recorder recorder{{.service_name = "test"}};
  const counter slow = recorder.bind_counter(catalog::operation_slow, {});
  constexpr std::uint64_t most = std::uint64_t{1} << 48;
  std::int64_t last = 0;
  for (int i = 0; i < 300; ++i) {  // past 2^63 and past 2^64, in steps of a 256th of it
    for (int k = 0; k < 256; ++k) slow.add(most);
    const std::int64_t total = total_in(recorder);
    CHECK(total >= last);
    last = total;
  }
  CHECK(last == largest_total);
  CHECK(saturated_in(recorder) == 1);
}

TEST_CASE("an amount that is larger than a counter takes counts as the largest, and is counted") {
  recorder recorder{{.service_name = "test"}};
  const counter slow = recorder.bind_counter(catalog::operation_slow, {});
  slow.add(std::uint64_t{1} << 48);
  CHECK(saturated_in(recorder) == 0);
  slow.add((std::uint64_t{1} << 48) + 1);
  slow.add(largest_sum);
  slow.add(7);
  CHECK(total_in(recorder) == 3 * (std::int64_t{1} << 48) + 7);
  CHECK(saturated_in(recorder) == 2);
  counter{}.add(largest_sum);
}

TEST_CASE("an up-down counter goes both ways as before") {
  recorder recorder{{.service_name = "test"}};
  const up_down_counter pending = recorder.bind_up_down_counter(catalog::connection_max, {});
  const auto value = [&] {
    return recorder.collect().find(catalog::connection_max.name)[0].number;
  };
  pending.add(5);
  pending.add(-7);
  CHECK(value() == -2);
  pending.add(std::int64_t{1} << 60);
  CHECK(value() == (std::int64_t{1} << 60) - 2);
  CHECK(saturated_in(recorder) == 0);
}

TEST_CASE("data that are merged, compared or taken apart saturate alike") {
  capture telemetry;
  const histogram sizes = telemetry.recorder().bind_histogram(catalog::scrape_size, {});
  sizes.record(largest_sum - 10);
  const auto data = [&] {
    return *telemetry.recorder().collect().find(catalog::scrape_size.name).at(0).histogram;
  };
  const histogram_data early = data();
  histogram_data twice = early;
  twice.merge(early);
  CHECK(twice.sum() == largest_sum);
  CHECK(twice.count() == 2);
  sizes.record(4U);
  CHECK(data().difference(early).sum() == 4);
  sizes.record(100U);
  // What goes beyond is not known: differences add up to the limit.
  CHECK(data().difference(early).sum() == 10);
  CHECK(data().difference(early).count() == 2);
  const histogram_data later = data();
  sizes.record(100U);
  CHECK(data().difference(later).sum() == 0);
  CHECK(data().difference(later).count() == 1);
}

TEST_CASE("a total whose part has reached its limit has reached its own") {
  recorder recorder{{.service_name = "test"}};
  const histogram total = recorder.bind_histogram(catalog::phase_duration, {});
  const histogram part = recorder.bind_histogram(catalog::operation_duration, {}, nullptr, total);
  const auto sum = [&] {
    return recorder.collect().find(catalog::phase_duration.name).at(0).histogram->sum();
  };
  part.record(7U);
  total.record(1U);
  CHECK(sum() == 8);
  part.record(largest_sum - 3);
  CHECK(sum() == largest_sum);
  part.record(7U);
  CHECK(sum() == largest_sum);
}
