// The catalog is fit to be exported: no name occurs twice, in neither wire form, and every
// instrument has a unit, a description, allowed attributes and, if a histogram, usable bounds.

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/bucket_layout.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace {

using namespace querytap;

/// The keys of the OpenTelemetry conventions that are in use, and those under `querytap.`.
const std::set<std::string_view> allowed_keys{"db.client.connection.pool.name",
                                              "db.client.connection.state",
                                              "db.collection.name",
                                              "db.namespace",
                                              "db.operation.name",
                                              "db.query.summary",
                                              "db.response.status_code",
                                              "db.system.name",
                                              "error.type",
                                              "gen_ai.operation.name",
                                              "gen_ai.provider.name",
                                              "gen_ai.request.model",
                                              "gen_ai.response.model",
                                              "gen_ai.token.modality",
                                              "gen_ai.token.type",
                                              "http.request.method",
                                              "http.response.status_code",
                                              "otel.component.name",
                                              "otel.component.type",
                                              "querytap.attribute",
                                              "querytap.component",
                                              "querytap.finding.kind",
                                              "querytap.format",
                                              "querytap.health.status",
                                              "querytap.instrument",
                                              "querytap.limit",
                                              "querytap.mongodb.topology.type",
                                              "querytap.part",
                                              "querytap.phase",
                                              "querytap.reason",
                                              "querytap.request.name",
                                              "querytap.result",
                                              "querytap.source",
                                              "querytap.stage",
                                              "querytap.strategy",
                                              "querytap.stream",
                                              "querytap.tenant",
                                              "querytap.transaction.outcome",
                                              "querytap.transaction.stage",
                                              "server.address",
                                              "server.port",
                                              "url.template"};

/// Without the units for which a wire form would change the recorded number.
const std::set<std::string_view> known_units{"s", "By", "%", "1"};

std::vector<double> bounds_of(const instrument& instrument) {
  return {instrument.bounds.begin(), instrument.bounds.end()};
}

bool is_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::islower(c) != 0 || std::isdigit(c) != 0 || c == '.' || c == '_';
  });
}

}  // namespace

TEST_CASE("every name stands once", "[catalog]") {
  std::set<std::string_view> names;
  for (const instrument* instrument : catalog::all) {
    CAPTURE(instrument->name);
    CHECK(names.insert(instrument->name).second);
  }
}

TEST_CASE("every Prometheus name stands once, with what a histogram makes of it", "[catalog]") {
  std::set<std::string> names;
  for (const instrument* instrument : catalog::all) {
    const std::string name = prometheus_name(*instrument);
    CAPTURE(name);
    CHECK(names.insert(name).second);
    if (instrument->kind != instrument_kind::histogram) continue;
    for (const char* ending : {"_bucket", "_sum", "_count"})
      CHECK(names.insert(name + ending).second);
  }
}

TEST_CASE("names are lower case, under one of the known roots", "[catalog]") {
  for (const instrument* instrument : catalog::all) {
    CAPTURE(instrument->name);
    CHECK(is_name(instrument->name));
    const std::string_view root = instrument->name.substr(0, instrument->name.find('.'));
    CHECK((root == "db" || root == "gen_ai" || root == "http" || root == "otel" ||
           root == "querytap"));
  }
}

TEST_CASE("every instrument has a unit and says in a sentence what it measures", "[catalog]") {
  for (const instrument* instrument : catalog::all) {
    CAPTURE(instrument->name, instrument->unit);
    const bool remark = instrument->unit.starts_with('{') && instrument->unit.ends_with('}');
    CHECK((remark || known_units.contains(instrument->unit)));
    CHECK(instrument->description.ends_with('.'));
    CHECK(std::isupper(static_cast<unsigned char>(instrument->description.front())) != 0);
  }
}

TEST_CASE("what has bounds is a histogram, and the other way round", "[catalog]") {
  for (const instrument* instrument : catalog::all) {
    CAPTURE(instrument->name, to_string(instrument->kind));
    CHECK((instrument->kind == instrument_kind::histogram) == !instrument->bounds.empty());
  }
}

TEST_CASE("bounds ascend from above 0, none of them twice", "[catalog]") {
  for (const instrument* instrument : catalog::all) {
    const std::vector<double> bounds = bounds_of(*instrument);
    CAPTURE(instrument->name, bounds);
    CHECK(std::adjacent_find(bounds.begin(), bounds.end(), std::greater_equal{}) == bounds.end());
    CHECK((bounds.empty() || bounds.front() > 0));
  }
}

TEST_CASE("the bounds of the conventions are theirs", "[catalog]") {
  CHECK(bounds_of(catalog::operation_duration) ==
        std::vector{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0});
  CHECK(bounds_of(catalog::returned_rows) ==
        std::vector<double>{1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000});
  CHECK(bounds_of(catalog::http_request_duration) == std::vector{0.005, 0.01, 0.025, 0.05, 0.075,
                                                                 0.1, 0.25, 0.5, 0.75, 1.0, 2.5,
                                                                 5.0, 7.5, 10.0});
  CHECK(bounds_of(catalog::gen_ai::operation_duration) == std::vector{0.01, 0.02, 0.04, 0.08, 0.16,
                                                                      0.32, 0.64, 1.28, 2.56, 5.12,
                                                                      10.24, 20.48, 40.96, 81.92});
}

TEST_CASE("calls in the process have the bounds of the conventions, and finer ones below them",
          "[catalog]") {
  for (const instrument* finer : catalog::in_process::all) {
    CAPTURE(finer->name);
    const auto of_conventions = std::ranges::find(catalog::all, finer->name, &instrument::name);
    REQUIRE(of_conventions != catalog::all.end());
    CHECK(finer->unit == (*of_conventions)->unit);
    CHECK(finer->kind == (*of_conventions)->kind);
    std::vector<double> expected{0.000001, 0.000005, 0.00001, 0.00005, 0.0001, 0.0005};
    expected.insert(expected.end(), (*of_conventions)->bounds.begin(),
                    (*of_conventions)->bounds.end());
    CHECK(bounds_of(*finer) == expected);
    CHECK_NOTHROW(bucket_layout::make(*finer, std::vector{0.005, 0.02, 0.2, 0.3, 2.0}));
  }
}

TEST_CASE("a series may carry only keys that are defined, each once", "[catalog]") {
  for (const instrument* instrument : catalog::all) {
    std::set<std::string_view> seen;
    for (const std::string_view key : instrument->attributes) {
      CAPTURE(instrument->name, key);
      CHECK(allowed_keys.contains(key));
      CHECK(seen.insert(key).second);
    }
  }
}

TEST_CASE("no attribute of an instrument becomes another's label", "[catalog]") {
  for (const instrument* instrument : catalog::all) {
    std::set<std::string> labels{"le"};
    for (const std::string_view key : instrument->attributes) {
      CAPTURE(instrument->name, key);
      CHECK(labels.insert(prometheus_label(key)).second);
    }
  }
}

TEST_CASE("every histogram has room for a few thresholds of the user", "[catalog]") {
  for (const instrument* instrument : catalog::all) {
    if (instrument->kind != instrument_kind::histogram) continue;
    CAPTURE(instrument->name);
    CHECK_NOTHROW(bucket_layout::make(*instrument, {}));
    CHECK_NOTHROW(bucket_layout::make(*instrument, std::vector{0.005, 0.02, 0.2, 0.3, 2.0}));
  }
}

TEST_CASE(
    "durations are recorded in nanoseconds, money and shares in parts, everything else as it is",
    "[catalog]") {
  CHECK(catalog::gen_ai::cost.recorded_per_unit() == 1e9);
  CHECK(catalog::retrieval_distance.recorded_per_unit() == 1e6);
  CHECK(catalog::operation_duration.recorded_per_unit() == 1e9);
  CHECK(catalog::returned_rows.recorded_per_unit() == 1);
  CHECK(catalog::scrape_size.recorded_per_unit() == 1);
}

TEST_CASE("a kind of instrument has a name", "[catalog]") {
  CHECK(to_string(instrument_kind::counter) == "counter");
  CHECK(to_string(instrument_kind::up_down_counter) == "up_down_counter");
  CHECK(to_string(instrument_kind::gauge) == "gauge");
  CHECK(to_string(instrument_kind::histogram) == "histogram");
  CHECK(to_string(instrument_kind::info) == "info");
}
