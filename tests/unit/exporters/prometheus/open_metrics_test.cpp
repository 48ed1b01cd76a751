// What leaves as OpenMetrics is read by the parser of Prometheus' own Python client, with the
// numbers of the snapshot and the exemplars of its buckets.

#include <querytap/exporters/prometheus/open_metrics.hpp>
#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <unit/exporters/prometheus/python_client.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <catch2/catch.hpp>

#include <string>

namespace {

using namespace querytap;
using namespace querytap::testing;

std::string without_eof(const snapshot& snapshot) {
  const std::string text = open_metrics{}.render(snapshot);
  const std::string end = "# EOF\n";
  REQUIRE(text.ends_with(end));
  return text.substr(0, text.size() - end.size());
}

snapshot with_exemplars() {
  const auto layout = bucket_layout::make(catalog::operation_duration, {});
  auto data = std::make_shared<histogram_data>(layout);
  const auto at = [](int milliseconds) {
    return std::chrono::system_clock::time_point{std::chrono::milliseconds{milliseconds}};
  };
  const auto add = [&](std::uint64_t value, std::uint8_t id, int milliseconds) {
    data->record(value);
    exemplar exemplar{.value = value, .time = at(milliseconds)};
    exemplar.trace.trace_id.fill(id);
    exemplar.trace.span_id.fill(id);
    data->add_exemplar(exemplar);
  };
  add(20'000'000, 0xAA, 1'500);
  add(30'000'000, 0xBB, 1'400);
  add(20'000'000'000, 0xCC, 2'000);
  const auto identity =
      std::make_shared<const series_identity>(series_identity{&catalog::operation_duration, {}});
  snapshot current;
  current.metrics.push_back(std::make_shared<const metric>(
      metric{&catalog::operation_duration, {{identity, nullptr, data, 0}}}));
  return current;
}

}  // namespace

TEST_CASE("a counter is announced without its total", "[open_metrics]") {
  snapshot_builder builder;
  builder.add(catalog::connection_timeouts, {{"db.client.connection.pool.name", "a\"b"}}, 7);
  CHECK(without_eof(builder.get()) ==
        "# TYPE db_client_connection_timeouts counter\n"
        "# HELP db_client_connection_timeouts Callers that gave up waiting for a connection.\n"
        "db_client_connection_timeouts_total{db_client_connection_pool_name=\"a\\\"b\"} 7\n");
}

TEST_CASE("a histogram has its unit, and bounds that are floats", "[open_metrics]") {
  static constexpr double bounds[] = {0.00001, 1, 1048576};
  static constexpr instrument sizes{"test.size", "By", instrument_kind::histogram, "A \"size\".",
                                    bounds};
  snapshot_builder builder;
  builder.record(sizes, {{"a", "b"}}, {1, 3});
  CHECK(without_eof(builder.get()) ==
        "# TYPE test_size_bytes histogram\n"
        "# UNIT test_size_bytes bytes\n"
        "# HELP test_size_bytes A \\\"size\\\".\n"
        "test_size_bytes_bucket{a=\"b\",le=\"1e-05\"} 0\n"
        "test_size_bytes_bucket{a=\"b\",le=\"1.0\"} 1\n"
        "test_size_bytes_bucket{a=\"b\",le=\"1.048576e+06\"} 2\n"
        "test_size_bytes_bucket{a=\"b\",le=\"+Inf\"} 2\n"
        "test_size_bytes_sum{a=\"b\"} 4\n"
        "test_size_bytes_count{a=\"b\"} 2\n");
}

TEST_CASE("each bucket has the latest of its exemplars", "[open_metrics]") {
  const std::string text = without_eof(with_exemplars());
  CHECK_THAT(text, Catch::Contains(
                       "_bucket{le=\"0.05\"} 2 # {trace_id=\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\","
                       "span_id=\"aaaaaaaaaaaaaaaa\"} 0.02 1.5\n"));
  CHECK_THAT(text, Catch::Contains("_bucket{le=\"0.1\"} 2\n"));
  CHECK_THAT(text, Catch::Contains(
                       "_bucket{le=\"+Inf\"} 3 # {trace_id=\"cccccccccccccccccccccccccccccccc\","
                       "span_id=\"cccccccccccccccc\"} 20 2\n"));
}

TEST_CASE("the text of 0.0.4 has no exemplars", "[open_metrics]") {
  CHECK_THAT(prometheus_text{}.render(with_exemplars()), !Catch::Contains("trace_id"));
}

TEST_CASE("the Python client reads every instrument in both texts, and means the same",
          "[open_metrics]") {
  const finished open =
      read_by_python(open_metrics{}.render(every_instrument("chat\nbot")), "openmetrics.parser");
  CAPTURE(open.output);
  REQUIRE(open.exit_code == 0);
  CHECK_THAT(open.output, Catch::Contains("target info target_info [('service_name', "
                                          "'chat\\nbot')] 1"));
  CHECK_THAT(open.output, Catch::Contains("'a \"b\" \\\\ c\\n\xEF\xBF\xBD ü'"));
  CHECK_THAT(open.output, Catch::Contains("db_client_operation_duration_seconds histogram "
                                          "db_client_operation_duration_seconds_sum ") &&
                              Catch::Contains(" 30.002000001 "));
  const finished classic =
      read_by_python(prometheus_text{}.render(every_instrument("chat\nbot")), "parser");
  CHECK(classic.exit_code == 0);
  CHECK_THAT(classic.output, Catch::Contains(" 30.002000001 "));
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  CHECK(lines(classic.output) == lines(open.output));
}

TEST_CASE("the Python client finds the exemplars", "[open_metrics]") {
  const finished result =
      read_by_python(open_metrics{}.render(with_exemplars()), "openmetrics.parser");
  CAPTURE(result.output);
  CHECK(result.exit_code == 0);
  CHECK_THAT(result.output,
             Catch::Contains("('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', 0.02, Timestamp(1, 500000000)"));
}

TEST_CASE("the Python client is really run: it refuses a wrong text", "[open_metrics]") {
  CHECK(read_by_python("# TYPE a counter\na 1\n# EOF\n", "openmetrics.parser").exit_code != 0);
  CHECK(read_by_python("a{b=\"c} 1\n", "parser").exit_code != 0);
}
