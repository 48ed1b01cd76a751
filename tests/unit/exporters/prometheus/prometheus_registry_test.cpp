// The metrics of an application's prometheus-cpp registry leave with those of the recorder, with
// the same numbers in every format.

#include <querytap/exporters/prometheus/prometheus_registry.hpp>
#include <unit/exporters/prometheus/delimited.hpp>
#include <unit/exporters/prometheus/protoc.hpp>
#include <unit/exporters/prometheus/python_client.hpp>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>

#include <catch2/catch.hpp>

#include <limits>
#include <map>
#include <memory>
#include <string>

namespace {

using namespace querytap;
using namespace querytap::testing;

std::shared_ptr<prometheus::Registry> filled() {
  auto registry = std::make_shared<prometheus::Registry>();
  const std::map<std::string, std::string> labels{{"team", "a \"b\"\n\xFF"}};
  auto& jobs = prometheus::BuildCounter().Name("jobs_total").Help("\"Jobs\".").Register(*registry);
  jobs.Add(labels).Increment(3);
  prometheus::BuildCounter().Name("requests").Register(*registry).Add({}).Increment(2);
  auto& temperature = prometheus::BuildGauge().Name("temperature").Register(*registry);
  temperature.Add({}).Set(std::numeric_limits<double>::infinity());
  auto& latency = prometheus::BuildHistogram().Name("latency").Register(*registry);
  auto& histogram = latency.Add(labels, prometheus::Histogram::BucketBoundaries{0.1, 1});
  histogram.Observe(0.05);
  histogram.Observe(5);
  auto& age = prometheus::BuildSummary().Name("age").Register(*registry);
  age.Add({}, prometheus::Summary::Quantiles{{0.5, 0.05}}).Observe(7);
  prometheus::BuildGauge().Name("without_metrics").Register(*registry);
  return registry;
}

std::string rendered(
    scrape_format format, const std::weak_ptr<prometheus::Collectable>& registry,
    const family_filter& accepts = [](std::string_view, family_type) { return true; }) {
  std::string body;
  prometheus_registry{registry}.append(format, accepts, body);
  return body;
}

}  // namespace

TEST_CASE("a registry as OpenMetrics is read by the Python client", "[prometheus_registry]") {
  const auto registry = filled();
  const finished result = read_by_python(
      rendered(scrape_format::open_metrics, registry) + "# EOF\n", "openmetrics.parser");
  CAPTURE(result.output);
  REQUIRE(result.exit_code == 0);
  const auto has = [&](const std::string& line) {
    CHECK_THAT(result.output, Catch::Contains(line));
  };
  has("jobs counter jobs_total [('team', 'a \"b\"\\n\xEF\xBF\xBD')] 3");
  has("requests counter requests_total [] 2");
  has("temperature gauge temperature [] inf");
  has("latency_bucket [('le', '0.1'), (");
  has("latency_bucket [('le', '+Inf'), (");
  has("age summary age [('quantile', '0.5')] 7");
  has("age summary age_count [] 1");
}

TEST_CASE("a registry as text is what prometheus-cpp makes of it", "[prometheus_registry]") {
  const auto registry = filled();
  const std::string text = rendered(scrape_format::text, registry);
  CHECK_THAT(text, Catch::Contains("# TYPE jobs_total counter\n") &&
                       Catch::Contains("latency_sum{team=\"a \\\"b\\\"\\n"));
}

TEST_CASE("a registry as protobuf is read by protoc", "[prometheus_registry]") {
  const auto registry = filled();
  std::string all;
  for (const std::string& family : split_delimited(rendered(scrape_format::protobuf, registry))) {
    all += decoded_by_protoc(family);
  }
  CHECK_THAT(all, Catch::Contains("name: \"jobs_total\"\nhelp: \"\\\"Jobs\\\".\"\n"
                                  "type: COUNTER\n") &&
                      Catch::Contains("value: \"a \\\"b\\\"\\n\\357\\277\\275\"") &&
                      Catch::Contains("type: GAUGE\nmetric {\n  gauge {\n    value: inf") &&
                      Catch::Contains("sample_count: 2\n    sample_sum: 5.05\n") &&
                      Catch::Contains("cumulative_count: 2\n      upper_bound: inf") &&
                      Catch::Contains("quantile: 0.5\n      value: 7"));
}

TEST_CASE("only the families that the filter accepts leave", "[prometheus_registry]") {
  const auto registry = filled();
  const std::string text =
      rendered(scrape_format::text, registry,
               [](std::string_view name, family_type) { return name == "temperature"; });
  CHECK(text == "# TYPE temperature gauge\ntemperature +Inf\n");
}

TEST_CASE("a registry that was destroyed has no metrics", "[prometheus_registry]") {
  const std::weak_ptr<prometheus::Collectable> gone = filled();
  CHECK(rendered(scrape_format::text, gone).empty());
}

TEST_CASE("what a collectable does not check is mended in every format", "[prometheus_registry]") {
  // Of a program's own, which prometheus-cpp asks without a look at its names.
  class unchecked final : public prometheus::Collectable {
    std::vector<prometheus::MetricFamily> Collect() const override {
      using prometheus::ClientMetric;
      ClientMetric sample;
      sample.gauge.value = 1;
      sample.label = {{"a", "\xFF\xFE"}, {"2x", "b"}, {"__c", "d"}, {"e__f", "g"}};
      ClientMetric empty_label = sample;
      empty_label.label.push_back({"h", ""});
      return {{"a b", "Left out.", prometheus::MetricType::Gauge, {sample}},
              {"", "Left out.", prometheus::MetricType::Gauge, {sample}},
              {"mended", "a\xFF", prometheus::MetricType::Gauge, {sample, empty_label}}};
    }
  };
  const std::shared_ptr<prometheus::Collectable> registry = std::make_shared<unchecked>();
  const std::string r = "\xEF\xBF\xBD";
  const std::string labels = "a=\"" + r + r + "\",key_2x=\"b\",_c=\"d\",e__f=\"g\"";
  CHECK(rendered(scrape_format::open_metrics, registry) ==
        "# TYPE mended gauge\n# HELP mended a" + r + "\nmended{" + labels + "} 1\nmended{" +
            labels + ",h=\"\",querytap_duplicate=\"2\"} 1\n");
  CHECK_THAT(
      rendered(scrape_format::text, registry),
      Catch::StartsWith("# HELP mended a" + r + "\n") && Catch::Contains("mended{" + labels));
  CHECK(read_by_python(rendered(scrape_format::text, registry), "parser").exit_code == 0);
  CHECK_THAT(decoded_by_protoc(split_delimited(rendered(scrape_format::protobuf, registry)).at(0)),
             Catch::Contains("value: \"\\357\\277\\275\\357\\277\\275\""));
}
