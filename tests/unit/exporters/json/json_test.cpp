// The JSON of a snapshot has the shape that is documented, and is JSON for any snapshot.

#include <querytap/exporters/json/json.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot_history.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <chrono>
#include <limits>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::testing;
using nlohmann::json;
using namespace std::chrono_literals;

json parsed(const snapshot& snapshot) { return json::parse(to_json(snapshot)); }

}  // namespace

TEST_CASE("a snapshot leaves in the shape that is documented", "[json]") {
  snapshot_builder builder{{0.3}};
  builder.set_resource({"service.name", "chatbot"});
  builder.record(catalog::operation_duration, {{"db.system.name", "sqlite"}, {"server.port", 5433}},
                 {250'000'000, 250'000'000, 20'000'000'000}, statement_of(0xC0FFEE, "select ?"));
  builder.add(catalog::lanes, {}, 12);
  snapshot built = builder.get();
  built.start = std::chrono::system_clock::time_point{} + 1500ms;
  built.time = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h;
  CHECK(
      to_json(built) ==
      R"({"resource":{"service.name":"chatbot"},"start":"1970-01-01T00:00:01.500Z",)"
      R"("time":"2026-01-31T12:00:00.000Z","metrics":[)"
      R"({"name":"db.client.operation.duration","unit":"s","kind":"histogram",)"
      R"("description":"Duration of database client operations.",)"
      R"("prometheus":"db_client_operation_duration_seconds","points":[)"
      R"({"attributes":{"db.system.name":"sqlite","server.port":5433},)"
      R"("statement":{"fingerprint":"0000000000c0ffee","text":"select ?","summary":""},)"
      R"("count":3,"sum":20.5,"min":0.25,"max":20.0,"p50":0.25,"p95":19.854097076,"p99":19.9708194152,)"
      R"("buckets":[[0.3,2],[null,1]]}]},)"
      R"({"name":"querytap.lanes","unit":"{lane}","kind":"gauge",)"
      R"("description":"Lanes that threads have recorded into.",)"
      R"("prometheus":"querytap_lanes","points":[{"attributes":{},"value":12}]}],"active":[],)"
      R"("active_requests":[],"pools":[],"slow":[],"requests":[],"findings":[],"sources":[]})");
}

TEST_CASE("the last minutes leave beside what was recorded since the start", "[json]") {
  const auto select = statement_of(1, "select ?");
  snapshot_builder builder;
  builder.add(catalog::lanes, {}, 12);
  builder.record(catalog::operation_duration, sqlite, std::vector<std::uint64_t>(100'000, 1'000),
                 select);
  snapshot before = builder.get();
  before.span = 50min;
  snapshot_history history{std::size_t{1} << 20};
  history.add(before);
  builder.record(catalog::operation_duration, sqlite, {5'000'000, 5'000'000}, select);
  snapshot current = builder.get();
  current.span = 50min + 40s;
  current.time = std::chrono::sys_days{std::chrono::year{2026} / 1 / 31} + 12h;
  history.add(current);
  current.history = std::make_shared<const snapshot_history>(history);
  const json recent = parsed(current).at("recent");
  REQUIRE(recent.size() == 2);  // of the last five minutes less than half is known
  CHECK(recent[0].at("window") == "1 min");
  CHECK(recent[0].at("seconds") == 40);
  CHECK(recent[0].at("start") == "2026-01-31T11:59:20.000Z");
  REQUIRE(recent[0].at("metrics").size() == 1);
  const json& metric = recent[0].at("metrics")[0];
  CHECK(metric.at("name") == "db.client.operation.duration");
  CHECK(metric.at("points")[0].at("count") == 2);
  CHECK(metric.at("points")[0].at("p99").get<double>() == Approx(0.005).epsilon(0.05));
  CHECK(metric.at("points")[0].at("statement").at("text") == "select ?");
  CHECK(recent[1].at("window") == "60 min");
  CHECK(recent[1].at("metrics")[0].at("points")[0].at("count") == 100'002);
}

TEST_CASE("a call that still runs leaves with its age", "[json]") {
  snapshot current;
  const auto series = std::make_shared<const series_identity>(
      series_identity{&catalog::operation_duration, {{"db.system.name", "redis"}}});
  current.active.push_back({series, statement_of(1, "GET ?"), 3200ms});
  const json active = parsed(current).at("active").at(0);
  CHECK(active.at("attributes").at("db.system.name") == "redis");
  CHECK(active.at("statement").at("text") == "GET ?");
  CHECK(active.at("seconds") == 3.2);
}

TEST_CASE("exemplars lead to their traces", "[json]") {
  auto data =
      std::make_shared<histogram_data>(bucket_layout::make(catalog::operation_duration, {}));
  data->record(20'000'000);
  exemplar exemplar{.value = 20'000'000, .time = std::chrono::system_clock::time_point{1s}};
  exemplar.trace.trace_id.fill(0xAB);
  exemplar.trace.span_id.fill(0xCD);
  data->add_exemplar(exemplar);
  const auto series =
      std::make_shared<const series_identity>(series_identity{&catalog::operation_duration, {}});
  snapshot current;
  current.metrics.push_back(std::make_shared<const metric>(
      metric{&catalog::operation_duration, {{series, nullptr, data, 0}}}));
  CHECK(parsed(current).at("metrics").at(0).at("points").at(0).at("exemplars").dump() ==
        R"([{"span_id":"cdcdcdcdcdcdcdcd","time":"1970-01-01T00:00:01.000Z",)"
        R"("trace_id":"abababababababababababababababab","value":0.02}])");
}

TEST_CASE("a snapshot with any attributes is JSON", "[json]") {
  snapshot_builder builder;
  builder.add(
      catalog::lanes,
      {{"a", "\xFF\"\\\n\x01"}, {"b", true}, {"c", std::numeric_limits<double>::quiet_NaN()}}, 1);
  const json attributes =
      parsed(builder.get()).at("metrics").at(0).at("points").at(0).at("attributes");
  CHECK(attributes.at("a") == "\xEF\xBF\xBD\"\\\n\x01");
  CHECK(attributes.at("b") == true);
  CHECK(attributes.at("c").is_null());
}
