// An application that serves its metrics through prometheus-cpp serves the numbers of the library's
// own text.

#include <querytap/exporters/prometheus/prometheus_collectable.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <unit/exporters/prometheus/exposition.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <prometheus/text_serializer.h>
#include <catch2/catch.hpp>

#include <map>
#include <string>

namespace {

using namespace querytap;
using namespace querytap::testing;

std::string serialized(const snapshot& snapshot) {
  return prometheus::TextSerializer{}.Serialize(to_metric_families(snapshot));
}

/// A snapshot of every kind of instrument, with several series and statements.
snapshot_builder mixed() {
  snapshot_builder builder{{0.02, 0.3}};
  const attributes sqlite{{"db.system.name", "sqlite"}, {"server.port", 5433}};
  builder.record(catalog::operation_duration, sqlite, {0, 1, 20'000'000}, statement_of(1, "a"));
  builder.record(catalog::operation_duration, sqlite, {20'000'001, 300'000'000},
                 statement_of(2, "b"));
  builder.record(catalog::operation_duration, {{"db.system.name", "\"quoted\" \\ \n"}},
                 {123'456'789});
  builder.record(catalog::operation_duration, {}, {});
  builder.record(catalog::returned_rows, sqlite, {1, 2, 3, 100'000});
  builder.add(catalog::connection_timeouts, {}, 7);
  builder.add(catalog::connection_timeouts, sqlite, 8);
  builder.add(catalog::connection_count, {{"db.client.connection.state", "idle"}}, -3);
  builder.add(catalog::lanes, {}, 12);
  return builder;
}

std::map<std::string, double> numbers_in(const std::string& text) {
  return numbers_of(parse_exposition(text));
}

}  // namespace

TEST_CASE("prometheus-cpp serves the same samples as our own text", "[prometheus_collectable]") {
  const snapshot_builder builder = mixed();
  const auto theirs = numbers_in(serialized(builder.get()));
  const auto ours = numbers_in(prometheus_text{}.render(builder.get()));
  CHECK(ours.size() > 50);
  CHECK(theirs.size() == ours.size());
  for (const auto& [name, value] : ours) {
    CAPTURE(name);
    REQUIRE(theirs.contains(name));
    CHECK(theirs.at(name) == Approx(value).epsilon(1e-14));
  }
}

TEST_CASE("families have the same names, types and help as our own text",
          "[prometheus_collectable]") {
  const snapshot_builder builder = mixed();
  const auto theirs = parse_exposition(serialized(builder.get()));
  auto ours = parse_exposition(prometheus_text{}.render(builder.get()));
  REQUIRE(theirs.size() == ours.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    CHECK(theirs[i].name == ours[i].name);
    CHECK(theirs[i].type == ours[i].type);
    CHECK(theirs[i].help == ours[i].help);
  }
}

TEST_CASE("label values reach prometheus-cpp as UTF-8", "[prometheus_collectable]") {
  snapshot_builder builder;
  builder.add(catalog::lanes, {{"db.namespace", "a\xFFz"}}, 1);
  const auto families = to_metric_families(builder.get());
  REQUIRE(families.size() == 1);
  REQUIRE(families[0].metric.size() == 1);
  REQUIRE(families[0].metric[0].label.size() == 1);
  CHECK(families[0].metric[0].label[0].name == "db_namespace");
  CHECK(families[0].metric[0].label[0].value == "a\xEF\xBF\xBDz");
}

TEST_CASE("keys that become the same label reach prometheus-cpp as one",
          "[prometheus_collectable]") {
  snapshot_builder builder;
  builder.add(catalog::lanes, {{"a.b", 1}, {"a_b", "two"}}, 5);
  const auto families = to_metric_families(builder.get());
  REQUIRE(families.size() == 1);
  REQUIRE(families[0].metric.size() == 1);
  REQUIRE(families[0].metric[0].label.size() == 1);
  CHECK(families[0].metric[0].label[0].value == "1;two");
}

TEST_CASE("every scrape asks for a snapshot of its own", "[prometheus_collectable]") {
  int scrapes = 0;
  const prometheus_collectable collectable{[&scrapes] {
    snapshot_builder builder;
    builder.add(catalog::connection_timeouts, {}, ++scrapes);
    return builder.get();
  }};
  CHECK(scrapes == 0);
  CHECK(collectable.Collect().at(0).metric.at(0).counter.value == 1);
  CHECK(collectable.Collect().at(0).metric.at(0).counter.value == 2);
}

TEST_CASE("a snapshot without series has no families", "[prometheus_collectable]") {
  CHECK(to_metric_families(snapshot{}).empty());
}
