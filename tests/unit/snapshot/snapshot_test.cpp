// The statements of one series leave as one: nothing is lost, nothing is counted twice, and other
// series stay apart.

#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::testing;

std::string text_of(const std::vector<point>& points) {
  std::string text;
  for (const point& p : points) {
    text += fmt::format("{} {}{} {}\n", p.series->instrument->name, to_string(p.series->labels),
                        p.statement == nullptr ? "" : " \"" + p.statement->text + '"',
                        p.histogram == nullptr
                            ? fmt::format("value={}", p.number)
                            : fmt::format("min={} max={} {}", p.histogram->min(),
                                          p.histogram->max(), to_string(*p.histogram)));
  }
  return text;
}

}  // namespace

TEST_CASE("the points of an instrument are found by its name, in their order", "[snapshot]") {
  snapshot_builder builder;
  builder.add(catalog::connection_timeouts, sqlite, 1);
  builder.add(catalog::connection_timeouts, postgresql, 2);
  builder.add(catalog::connection_max, {}, 10);
  CHECK(text_of(builder.get().find("db.client.connection.timeouts")) ==
        "db.client.connection.timeouts db.system.name=sqlite value=1\n"
        "db.client.connection.timeouts db.system.name=postgresql value=2\n");
  CHECK(builder.get().find("db.client.connection").empty());
  CHECK(snapshot{}.find("db.client.connection.max").empty());
}

TEST_CASE("the statements of a series become one point, in the place of the first", "[snapshot]") {
  snapshot_builder builder;
  builder.record(catalog::returned_rows, sqlite, {1, 2}, statement_of(1, "select a"));
  builder.record(catalog::returned_rows, postgresql, {7}, statement_of(1, "select a"));
  builder.record(catalog::returned_rows, sqlite, {5, 2}, statement_of(2, "select b"));
  builder.record(catalog::returned_rows, sqlite, {100}, statement_of(3, "select c"));
  CHECK(text_of(merge_statements(all_points(builder.get()))) ==
        "db.client.response.returned_rows db.system.name=sqlite min=1 max=100 "
        "count=5 sum=110 (0,1]=1 (1,2]=2 (4,5]=1 (98,100]=1\n"
        "db.client.response.returned_rows db.system.name=postgresql min=7 max=7 "
        "count=1 sum=7 (6,7]=1\n");
}

TEST_CASE("merging leaves the points that it was given as they were", "[snapshot]") {
  snapshot_builder builder;
  builder.record(catalog::returned_rows, sqlite, {1}, statement_of(1, "select a"));
  builder.record(catalog::returned_rows, sqlite, {2}, statement_of(2, "select b"));
  const std::string before = text_of(all_points(builder.get()));
  const std::string merged = text_of(merge_statements(all_points(builder.get())));
  CHECK(text_of(all_points(builder.get())) == before);
  CHECK(text_of(merge_statements(all_points(builder.get()))) == merged);
}

TEST_CASE("a lone statement's histogram is shared, not copied", "[snapshot]") {
  snapshot_builder builder;
  builder.record(catalog::returned_rows, sqlite, {1}, statement_of(1, "select a"));
  const std::vector<point> merged = merge_statements(all_points(builder.get()));
  REQUIRE(merged.size() == 1);
  CHECK(merged[0].histogram == all_points(builder.get())[0].histogram);
  CHECK(merged[0].series == all_points(builder.get())[0].series);
  CHECK(merged[0].statement == nullptr);
}

TEST_CASE("numbers of one series are added, below zero as well", "[snapshot]") {
  snapshot_builder builder;
  builder.add(catalog::connection_count, sqlite, 5);
  builder.add(catalog::connection_count, sqlite, -7);
  builder.add(catalog::connection_count, {}, 1);
  CHECK(text_of(merge_statements(all_points(builder.get()))) ==
        "db.client.connection.count db.system.name=sqlite value=-2\n"
        "db.client.connection.count  value=1\n");
}

TEST_CASE("equal attributes of two instruments are two series", "[snapshot]") {
  snapshot_builder builder;
  builder.add(catalog::connection_idle_max, {}, 3);
  builder.add(catalog::connection_max, {}, 4);
  CHECK(text_of(merge_statements(all_points(builder.get()))) ==
        "db.client.connection.idle.max  value=3\n"
        "db.client.connection.max  value=4\n");
}

TEST_CASE("nothing merges to nothing", "[snapshot]") { CHECK(merge_statements({}).empty()); }
