// The difference of two snapshots is what was recorded in between, exact whatever became of the series.

#include <querytap/snapshot/snapshot_difference.hpp>
#include <querytap/snapshot/statement_table.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

/// One line for each point of a difference, in the order of their text.
std::string lines_of(const snapshot& change) {
  std::vector<std::string> lines;
  const auto add = [&](const point& p, std::string_view end) {
    const std::string statement = p.statement == nullptr ? "" : p.statement->text + ' ';
    lines.push_back(fmt::format("{} {}{}{}", p.series->instrument->name, statement,
                                p.histogram != nullptr
                                    ? fmt::format("count={}", p.histogram->count())
                                    : fmt::format("value={}", p.number),
                                end));
  };
  for (const point& p : all_points(change)) add(p, "");
  for (const point& p : change.retired) add(p, " ended");
  std::ranges::sort(lines);
  return fmt::format("{}", fmt::join(lines, "\n"));
}

point ended_point(const instrument& instrument, std::vector<std::uint64_t> values) {
  static const auto layout = bucket_layout::make(catalog::operation_duration, {});
  static const auto series =
      std::make_shared<const series_identity>(series_identity{&instrument, {}});
  const auto data = std::make_shared<histogram_data>(layout);
  for (const std::uint64_t value : values) data->record(value);
  return {series, nullptr, data, 0};
}

/// A point whose data has this builder's layout.
point counted(const std::shared_ptr<const series_identity>& series,
              const std::shared_ptr<const statement_identity>& statement, std::uint64_t count) {
  point p = ended_point(catalog::operation_duration, std::vector<std::uint64_t>(count, 1000));
  p.series = series;
  p.statement = statement;
  return p;
}

snapshot holding(std::vector<point> points, std::vector<point> retired = {}) {
  snapshot made;
  if (!points.empty()) {
    made.metrics.push_back(
        std::make_shared<const metric>(metric{&catalog::operation_duration, std::move(points)}));
  }
  made.retired = std::move(retired);
  return made;
}

const auto exported_series =
    std::make_shared<const series_identity>(series_identity{&catalog::operation_duration, sqlite});
const auto first_statement = statement_of(1, "first");
const auto second_statement = statement_of(2, "second");

}  // namespace

TEST_CASE("a difference has what was added, and leaves out what did not change",
          "[snapshot_difference]") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, {1000, 2000}, first_statement);
  builder.record(catalog::operation_duration, sqlite, {1000}, second_statement);
  builder.record(catalog::returned_rows, sqlite, {5}, first_statement);
  builder.add(catalog::connection_timeouts, {}, 3);
  builder.add(catalog::lanes, {}, 7);
  const snapshot earlier = builder.get();
  builder.record(catalog::operation_duration, sqlite, {4000, 8000, 16000}, first_statement);
  builder.add(catalog::connection_timeouts, {}, 2);
  const snapshot later = builder.get();
  CHECK(lines_of(difference(later, earlier)) ==
        "db.client.connection.timeouts value=2\n"
        "db.client.operation.duration first count=3\n"
        "querytap.lanes value=7");
  CHECK(lines_of(difference(earlier, earlier)) == "querytap.lanes value=7");
}

TEST_CASE("the difference to nothing is everything", "[snapshot_difference]") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, {1000, 2000}, first_statement);
  builder.add(catalog::connection_timeouts, {}, 3);
  CHECK(lines_of(difference(builder.get(), {})) ==
        "db.client.connection.timeouts value=3\ndb.client.operation.duration first count=2");
  CHECK(lines_of(difference({}, builder.get())) == "");
}

TEST_CASE("quantiles of a difference are those of what was added", "[snapshot_difference]") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, std::vector<std::uint64_t>(100'000, 863),
                 first_statement);
  const snapshot earlier = builder.get();
  builder.record(catalog::operation_duration, sqlite, std::vector<std::uint64_t>(100, 5'000'000),
                 first_statement);
  CHECK(statement_table(builder.get()).at(0).p99 == Approx(863e-9).epsilon(0.05));
  const auto table = statement_table(difference(builder.get(), earlier));
  REQUIRE(table.size() == 1);
  CHECK(table[0].calls == 100);
  CHECK(table[0].p99 == Approx(5e-3).epsilon(0.05));
  CHECK(table[0].total == Approx(0.5));
}

TEST_CASE("what a retired series had counted is not counted again where it went",
          "[snapshot_difference]") {
  struct retirement_case {
    std::string name;
    snapshot earlier;
    snapshot later;
    std::string change;
  };
  const auto first = [](std::uint64_t count) {
    return counted(exported_series, first_statement, count);
  };
  const auto second = [](std::uint64_t count) {
    return counted(exported_series, second_statement, count);
  };
  const auto rest = [](std::uint64_t count) { return counted(exported_series, nullptr, count); };
  const auto end = [](std::uint64_t count) {
    return ended_point(catalog::operation_duration, std::vector<std::uint64_t>(count, 1000));
  };
  const retirement_case cases[] = {
      {"one statement of an exported series", holding({first(10), second(5)}),
       holding({second(6), rest(10)}), "db.client.operation.duration second count=1"},
      {"with calls that were never seen under their statement", holding({first(10), second(5)}),
       holding({second(5), rest(12)}), "db.client.operation.duration count=2"},
      {"into a rest that was there before", holding({first(10), second(5), rest(3)}),
       holding({second(5), rest(13)}), ""},
      {"a whole exported series, with its rest", holding({first(10), rest(3)}),
       holding({}, {end(13)}), ""},
      {"with calls before its end", holding({first(10)}, {end(4)}), holding({}, {end(15)}),
       "db.client.operation.duration count=1 ended"},
      {"a statement that came back under the same exported series", holding({first(10), second(5)}),
       holding({first(2), second(5), rest(10)}), "db.client.operation.duration first count=2"},
      {"a series that came and went in between", holding({second(5)}),
       holding({second(5), rest(7)}), "db.client.operation.duration count=7"},
  };
  for (const retirement_case& c : cases) {
    CAPTURE(c.name);
    CHECK(lines_of(difference(c.later, c.earlier)) == c.change);
  }
}

TEST_CASE("a difference says what time it covers", "[snapshot_difference]") {
  snapshot_builder builder;
  builder.add(catalog::connection_timeouts, {}, 3);
  snapshot earlier = builder.get();
  earlier.time += 10s;
  earlier.span = 10s;
  snapshot later = builder.get();
  later.time += 25s;
  later.span = 25s;
  const snapshot change = difference(later, earlier);
  CHECK(change.start == earlier.time);
  CHECK(change.time == later.time);
  CHECK(change.span == 15s);
}

TEST_CASE("a histogram contains what it held before, and nothing else", "[histogram_data]") {
  const auto layout = bucket_layout::make(catalog::operation_duration, {});
  histogram_data before{layout};
  before.record(1000);
  before.record(5'000'000);
  histogram_data after = before;
  CHECK(after.contains(before));
  after.record(70'000);
  CHECK(after.contains(before));
  CHECK_FALSE(before.contains(after));
  CHECK(after.contains(histogram_data{layout}));
  histogram_data other{layout};
  for (int i = 0; i < 9; ++i) other.record(300'000'000);
  CHECK_FALSE(other.contains(before));
  CHECK_FALSE(after.contains(histogram_data{bucket_layout::make(catalog::operation_duration, {})}));
}
