// All views of a histogram say exactly what a sorted list of the recorded values would say, and so
// agree with each other; merging and subtracting histograms is merging and subtracting the lists.

#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/histogram_data.hpp>
#include <unit/snapshot/exact_edges.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::testing;

using values = std::vector<std::uint64_t>;

/// An instrument with thresholds of the user.
struct setting {
  const querytap::instrument& instrument;
  std::vector<double> thresholds;
  std::shared_ptr<const bucket_layout> layout = bucket_layout::make(instrument, thresholds);

  [[nodiscard]] histogram_data record(const values& list) const {
    histogram_data data{layout};
    for (const std::uint64_t value : list) data.record(value);
    return data;
  }

  /// Bounds and thresholds together, as integers: the edges at which counts are exact.
  [[nodiscard]] values edges() const {
    values all;
    for (const double bound : instrument.bounds) all.push_back(exact_bound_edge(instrument, bound));
    for (const double bound : thresholds) all.push_back(exact_bound_edge(instrument, bound));
    std::sort(all.begin(), all.end());
    all.erase(std::unique(all.begin(), all.end()), all.end());
    return all;
  }
};

// Bounds that other conventions of OpenTelemetry name, for HTTP and for models.
constexpr double http_bounds[] = {0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25,
                                  0.5,   0.75, 1,     2.5,  5,     7.5, 10};
constexpr double token_bounds[] = {1,     4,     16,     64,      256,     1024,     4096,
                                   16384, 65536, 262144, 1048576, 4194304, 16777216, 67108864};
constexpr instrument http_duration{.name = "http.client.request.duration",
                                   .unit = "s",
                                   .kind = instrument_kind::histogram,
                                   .bounds = http_bounds};
constexpr instrument token_usage{.name = "gen_ai.client.token.usage",
                                 .unit = "{token}",
                                 .kind = instrument_kind::histogram,
                                 .bounds = token_bounds};

const std::vector<setting>& settings() {
  static const std::vector<setting> all{{catalog::operation_duration, {}},
                                        {catalog::operation_duration, {0.005, 0.02, 0.2, 0.3, 2}},
                                        {catalog::in_process::operation_duration, {0.0003}},
                                        {http_duration, {0.3}},
                                        {catalog::collect_duration, {}},
                                        {catalog::returned_rows, {}},
                                        {token_usage, {}},
                                        {catalog::scrape_size, {}}};
  return all;
}

values log_normal(std::mt19937_64& random, std::size_t count) {
  std::lognormal_distribution<double> around{std::log(3e6), 2};
  values list(count);
  for (std::uint64_t& value : list) value = static_cast<std::uint64_t>(around(random));
  return list;
}

values uniform(std::mt19937_64& random, std::size_t count) {
  std::uniform_int_distribution<std::uint64_t> between{0, 20'000};
  values list(count);
  for (std::uint64_t& value : list) value = between(random);
  return list;
}

/// Anything from 0 to 104 days of nanoseconds, each power of two as often as any other.
values all_magnitudes(std::mt19937_64& random, std::size_t count) {
  values list(count);
  for (std::uint64_t& value : list) value = random() >> (12 + random() % 52);
  return list;
}

/// Every edge that differs from its neighbours as a double, its neighbours, and the extremes.
values boundaries(const setting& setting) {
  values list{0, 1, std::numeric_limits<std::uint64_t>::max()};
  for (std::size_t flat = 0; flat < bucket_layout::buckets; ++flat) {
    const std::uint64_t edge = setting.layout->upper_edge(flat);
    if (edge == 0 || edge >= exact_up_to(setting.instrument)) continue;
    list.insert(list.end(), {edge - 1, edge, edge + 1});
  }
  for (const std::uint64_t edge : setting.edges())
    list.insert(list.end(), {edge - 1, edge, edge + 1});
  return list;
}

struct sample {
  const char* name;
  values list;
};

std::vector<sample> samples(const setting& setting) {
  std::mt19937_64 random{42};
  return {{"nothing", {}},
          {"one", {2'000'000}},
          {"log-normal", log_normal(random, 2000)},
          {"uniform", uniform(random, 2000)},
          {"all magnitudes", all_magnitudes(random, 2000)},
          {"boundaries", boundaries(setting)}};
}

/// Calls `check` with every setting and every sample.
void for_each_sample(const std::function<void(const setting&, const values&)>& check) {
  for (const setting& setting : settings()) {
    for (const sample& sample : samples(setting)) {
      CAPTURE(setting.instrument.name, setting.thresholds, sample.name);
      check(setting, sample.list);
    }
  }
}

std::uint64_t count_at_or_below(const values& list, std::uint64_t edge) {
  return static_cast<std::uint64_t>(
      std::count_if(list.begin(), list.end(), [edge](std::uint64_t v) { return v <= edge; }));
}

values explicit_counts_of_list(const setting& setting, const values& list) {
  values counts;
  std::uint64_t below = 0;
  for (const std::uint64_t edge : setting.edges()) {
    counts.push_back(count_at_or_below(list, edge) - below);
    below += counts.back();
  }
  counts.push_back(list.size() - below);
  return counts;
}

std::string text_of(const std::map<int, std::uint64_t>& buckets, std::uint64_t zeros) {
  std::string text = fmt::format("0:{}", zeros);
  for (const auto& [index, count] : buckets) text += fmt::format(" [{}]{}", index, count);
  return text;
}

std::string exponential_of_list(const setting& setting, const values& list) {
  std::map<int, std::uint64_t> buckets;
  std::uint64_t zeros = 0;
  for (const std::uint64_t value : list) {
    ++(value == 0 ? zeros
                  : buckets[exact_exponential_index(value, integers_per_unit(setting.instrument))]);
  }
  return text_of(buckets, zeros);
}

std::string exponential_of(const histogram_data& data) {
  const histogram_data::exponential_view view = data.exponential();
  std::map<int, std::uint64_t> buckets;
  for (std::size_t i = 0; i < view.counts.size(); ++i) {
    if (view.counts[i] != 0) buckets[view.offset + static_cast<int>(i)] = view.counts[i];
  }
  return text_of(buckets, view.zero_count);
}

/// Everything in a histogram, apart from its range.
std::string views_of(const histogram_data& data) {
  return fmt::format("{}\n{}\n{}", to_string(data), exponential_of(data),
                     fmt::join(data.explicit_counts(), " "));
}

std::string everything_of(const histogram_data& data) {
  return fmt::format("min={} max={} {}", data.min(), data.max(), views_of(data));
}

/// The largest number where the sum exceeds it.
std::uint64_t sum_of_list(const values& list) {
  __extension__ using wide = unsigned __int128;
  const wide sum = std::accumulate(list.begin(), list.end(), wide{0});
  return sum > UINT64_MAX ? UINT64_MAX : static_cast<std::uint64_t>(sum);
}

/// The value that a share `q` of the list does not exceed, by nearest rank.
std::uint64_t quantile_of_list(values list, double q) {
  std::sort(list.begin(), list.end());
  const auto rank = static_cast<std::size_t>(std::ceil(q * static_cast<double>(list.size())));
  return list[rank == 0 ? 0 : rank - 1];
}

}  // namespace

TEST_CASE("count, sum, least and greatest are those of the list", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    const histogram_data data = setting.record(list);
    CHECK(data.count() == list.size());
    CHECK(data.sum() == sum_of_list(list));
    CHECK(data.min() == (list.empty() ? 0 : *std::min_element(list.begin(), list.end())));
    CHECK(data.max() == (list.empty() ? 0 : *std::max_element(list.begin(), list.end())));
  });
}

TEST_CASE("the exponential view is that of the list", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    CHECK(exponential_of(setting.record(list)) == exponential_of_list(setting, list));
  });
}

TEST_CASE("the explicit view is that of the list", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    CHECK(setting.record(list).explicit_counts() == explicit_counts_of_list(setting, list));
  });
}

TEST_CASE("the count at or below a threshold is that of the list", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    const histogram_data data = setting.record(list);
    for (const double bound : setting.layout->bounds()) {
      CAPTURE(bound);
      CHECK(data.count_at_or_below(bound) ==
            count_at_or_below(list, exact_bound_edge(setting.instrument, bound)));
    }
  });
}

TEST_CASE("a threshold that is not an edge has no count", "[histogram_data]") {
  const setting setting{catalog::operation_duration, {0.3}};
  const histogram_data data = setting.record({1, 2, 3});
  for (const double other : {0.0, -1.0, 0.2, 0.30000000000000004, 0.7, 11.0, std::nan("")}) {
    CAPTURE(other);
    CHECK(data.count_at_or_below(other) == std::nullopt);
  }
  CHECK(data.count_at_or_below(0.3) == 3);
}

TEST_CASE("all views have the same number of records", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    const histogram_data data = setting.record(list);
    const values explicit_counts = data.explicit_counts();
    const histogram_data::exponential_view view = data.exponential();
    std::uint64_t in_buckets = 0;
    data.for_each_bucket([&](std::size_t, std::uint64_t count) { in_buckets += count; });
    CHECK(in_buckets == data.count());
    CHECK(std::accumulate(explicit_counts.begin(), explicit_counts.end(), std::uint64_t{0}) ==
          data.count());
    CHECK(std::accumulate(view.counts.begin(), view.counts.end(), view.zero_count) == data.count());
    CHECK(view.scale == 3);
  });
}

TEST_CASE("the exponential view begins and ends with a bucket that holds records",
          "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    const histogram_data::exponential_view view = setting.record(list).exponential();
    CHECK((view.counts.empty() || (view.counts.front() != 0 && view.counts.back() != 0)));
  });
}

TEST_CASE("buckets added as a recorder reads them are records", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    histogram_data added{setting.layout};
    for (const std::uint64_t value : list) {
      const bucket_layout::place place = setting.layout->find(value);
      added.add(place.octave, place.bucket(), 1);
      added.add(place.octave, (place.bucket() + 1) % 16, 0);
      added.add_range(value, value, value);
    }
    CHECK(everything_of(added) == everything_of(setting.record(list)));
  });
}

TEST_CASE("merging is recording both", "[histogram_data]") {
  for (const setting& setting : settings()) {
    const std::vector<sample> all = samples(setting);
    for (const sample& first : all) {
      for (const sample& second : all) {
        CAPTURE(setting.instrument.name, first.name, second.name);
        values both = first.list;
        both.insert(both.end(), second.list.begin(), second.list.end());
        histogram_data merged = setting.record(first.list);
        merged.merge(setting.record(second.list));
        CHECK(everything_of(merged) == everything_of(setting.record(both)));
      }
    }
  }
}

TEST_CASE("merging data with further bounds is recording both, exactly", "[histogram_data]") {
  const setting coarse{catalog::operation_duration, {}};
  const setting fine{catalog::in_process::operation_duration, {}};
  for (const sample& first : samples(coarse)) {
    for (const sample& second : samples(fine)) {
      CAPTURE(first.name, second.name);
      values both = first.list;
      both.insert(both.end(), second.list.begin(), second.list.end());
      histogram_data merged = coarse.record(first.list);
      merged.merge(fine.record(second.list));
      CHECK(everything_of(merged) == everything_of(coarse.record(both)));
      histogram_data other_way = fine.record(second.list);
      other_way.merge(coarse.record(first.list));
      CHECK(other_way.count() == both.size());
      CHECK(other_way.sum() == merged.sum());
      CHECK(other_way.min() == merged.min());
      CHECK(other_way.max() == merged.max());
    }
  }
}

TEST_CASE("a histogram merged with itself has everything twice", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    values twice = list;
    twice.insert(twice.end(), list.begin(), list.end());
    histogram_data data = setting.record(list);
    const histogram_data same = data;
    data.merge(same);
    CHECK(everything_of(data) == everything_of(setting.record(twice)));
  });
}

TEST_CASE("a difference is what was recorded in between", "[histogram_data]") {
  for (const setting& setting : settings()) {
    const std::vector<sample> all = samples(setting);
    for (const sample& first : all) {
      for (const sample& second : all) {
        CAPTURE(setting.instrument.name, first.name, second.name);
        histogram_data sum = setting.record(first.list);
        sum.merge(setting.record(second.list));
        const histogram_data earlier = setting.record(first.list);
        const histogram_data rest = sum.difference(earlier);
        const histogram_data truth = setting.record(second.list);
        CHECK(exponential_of(rest) == exponential_of(truth));
        CHECK(rest.explicit_counts() == truth.explicit_counts());
        CHECK(rest.count() == truth.count());
        // Up to the limit of the sum, where differences end.
        if (truth.count() != 0) CHECK(rest.sum() == sum.sum() - earlier.sum());
        if (sum.sum() != UINT64_MAX) CHECK(views_of(rest) == views_of(truth));
      }
    }
  }
}

TEST_CASE("the range of a difference is that of what was recorded in between, to the bucket",
          "[histogram_data]") {
  for (const setting& setting : settings()) {
    const std::vector<sample> all = samples(setting);
    for (const sample& first : all) {
      for (const sample& second : all) {
        if (second.list.empty()) continue;
        CAPTURE(setting.instrument.name, first.name, second.name);
        histogram_data sum = setting.record(first.list);
        sum.merge(setting.record(second.list));
        const histogram_data rest = sum.difference(setting.record(first.list));
        const histogram_data truth = setting.record(second.list);
        CHECK(rest.min() <= truth.min());
        CHECK(rest.max() >= truth.max());
        CHECK(setting.layout->find(rest.min()).flat == setting.layout->find(truth.min()).flat);
        CHECK(setting.layout->find(rest.max()).flat == setting.layout->find(truth.max()).flat);
      }
    }
  }
}

TEST_CASE("a difference without records is empty", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    const histogram_data data = setting.record(list);
    const histogram_data nothing = data.difference(data);
    CHECK(everything_of(nothing) == everything_of(histogram_data{setting.layout}));
    CHECK(nothing.quantile(0.99) == 0);
  });
}

TEST_CASE("merging a difference without records changes nothing", "[histogram_data]") {
  const setting setting{catalog::operation_duration, {}};
  const histogram_data earlier = setting.record({5});
  histogram_data data = setting.record({100});
  data.merge(earlier.difference(earlier));
  CHECK(everything_of(data) == everything_of(setting.record({100})));
}

TEST_CASE("recording after a difference goes on as if from the start", "[histogram_data]") {
  const setting setting{catalog::operation_duration, {}};
  const histogram_data earlier = setting.record({5, 7'000'000});
  histogram_data since = earlier.difference(earlier);
  since.record(100);
  CHECK(everything_of(since) == everything_of(setting.record({100})));
}

TEST_CASE("a quantile lies in the bucket of the list's", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    if (list.empty()) return;
    const histogram_data data = setting.record(list);
    for (int percent = 1; percent <= 100; ++percent) {
      const double q = percent / 100.0;
      const std::size_t bucket = setting.layout->find(quantile_of_list(list, q)).flat;
      const double low = data.to_unit(bucket == 0 ? 0 : setting.layout->upper_edge(bucket - 1));
      const double high = data.to_unit(setting.layout->upper_edge(bucket));
      const double reported = data.quantile(q);
      if (reported < low || reported > high) {
        CAPTURE(q, reported, low, high);
        CHECK(reported >= low);
        CHECK(reported <= high);
      }
    }
  });
}

TEST_CASE("a quantile of ordinary latencies is within 4.4 % of the list's", "[histogram_data]") {
  const setting setting{catalog::operation_duration, {}};
  std::mt19937_64 random{7};
  for (int run = 0; run < 10; ++run) {
    const values list = log_normal(random, 20'000);
    const histogram_data data = setting.record(list);
    for (const double q : {0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99}) {
      CAPTURE(run, q);
      CHECK(data.quantile(q) == Approx(data.to_unit(quantile_of_list(list, q))).epsilon(0.044));
    }
  }
}

TEST_CASE("no quantile lies outside of what was recorded", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    const histogram_data data = setting.record(list);
    for (const double q : {-1.0, 0.0, 0.001, 0.5, 0.999, 1.0, 2.0}) {
      CAPTURE(q);
      CHECK(data.quantile(q) >= data.to_unit(data.min()));
      CHECK(data.quantile(q) <= data.to_unit(data.max()));
    }
    CHECK(data.quantile(0) == data.to_unit(data.min()));
    CHECK(data.quantile(1) == data.to_unit(data.max()));
  });
}

TEST_CASE("a greater share has no smaller quantile", "[histogram_data]") {
  for_each_sample([](const setting& setting, const values& list) {
    const histogram_data data = setting.record(list);
    double last = 0;
    bool sinks = false;
    for (int i = 0; i <= 1000; ++i) {
      const double quantile = data.quantile(i / 1000.0);
      sinks = sinks || quantile < last;
      last = quantile;
    }
    CHECK_FALSE(sinks);
  });
}

TEST_CASE("the only value recorded is every quantile", "[histogram_data]") {
  const setting setting{catalog::operation_duration, {}};
  for (const double q : {0.0, 0.5, 0.99, 1.0}) {
    CHECK(setting.record({0}).quantile(q) == 0);
    CHECK(setting.record({2'345'678}).quantile(q) == 0.002345678);
    CHECK(setting.record({2'345'678, 2'345'678, 2'345'678}).quantile(q) == 0.002345678);
  }
}

TEST_CASE("without records every quantile is 0", "[histogram_data]") {
  const setting setting{catalog::operation_duration, {}};
  for (const double q : {0.0, 0.5, 1.0}) CHECK(setting.record({}).quantile(q) == 0);
}

TEST_CASE("a histogram reads as count, sum and the buckets that hold records", "[histogram_data]") {
  const setting durations{catalog::operation_duration, {}};
  CHECK(to_string(durations.record({})) == "count=0 sum=0");
  CHECK(to_string(durations.record({30'000'000, 30'000'000, 1'000'000'000})) ==
        "count=3 sum=1.06 (0.0287,0.0312]=2 (0.917,1]=1");
  CHECK(to_string(durations.record({0, 1, 4'900'000, 5'000'000, 5'000'001})) ==
        "count=5 sum=0.014900002 (0,0]=1 (0,1e-09]=1 (0.00465,0.005]=2 (0.005,0.00507]=1");

  const setting rows{catalog::returned_rows, {}};
  CHECK(to_string(rows.record({0, 1, 2, 7, 7, 50, 51, 100'000})) ==
        "count=8 sum=100118 (0,0]=1 (0,1]=1 (1,2]=1 (6,7]=2 (49,50]=1 (50,53]=1 "
        "(9.27e+04,1.01e+05]=1");
}
