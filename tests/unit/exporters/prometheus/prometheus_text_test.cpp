// What is exposed is Prometheus text that every reader accepts, with the numbers of the snapshot in
// it, for any bytes in the attributes.

#include <querytap/exporters/prometheus/prometheus_text.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/testing/manual_clock.hpp>
#include <unit/exporters/prometheus/exposition.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::testing;

std::string rendered(const snapshot& snapshot) { return prometheus_text{}.render(snapshot); }

/// The value of an attribute as a reader of the text gets it.
std::string exported(std::string value) {
  snapshot_builder builder;
  builder.add(catalog::connection_max, {{"db.namespace", std::move(value)}}, 1);
  const auto families = parse_exposition(prometheus_text{}.render(builder.get()));
  return families.back().samples.at(0).labels.at("db_namespace");
}

std::string random_bytes(std::mt19937& random, std::size_t most) {
  constexpr std::string_view troublesome = "\\\"\n{},=#";
  std::string text(random() % most, ' ');
  for (char& c : text) {
    c = static_cast<char>(random());
    if (random() % 4 == 0) c = troublesome[random() % troublesome.size()];
  }
  return text;
}

std::vector<std::uint64_t> random_durations(std::mt19937& random) {
  std::vector<std::uint64_t> values(random() % 50);
  for (std::uint64_t& value : values) value = random() >> (random() % 20);
  return values;
}

/// Series of every kind with all sorts of attributes.
snapshot random_snapshot(std::mt19937& random) {
  snapshot_builder builder{{0.02, 0.3}};
  builder.set_resource({"service.name", random_bytes(random, 20)});
  for (int i = 0; i < 20; ++i) {
    const attributes labels{{"number", i}, {"db.namespace", random_bytes(random, 30)}};
    builder.record(catalog::operation_duration, labels, random_durations(random),
                   statement_of(1, "a"));
    builder.record(catalog::operation_duration, labels, random_durations(random),
                   statement_of(2, "b"));
  }
  for (int i = 0; i < 20; ++i) {
    builder.add(catalog::connection_count, {{"number", i}, {"b", random_bytes(random, 30)}},
                static_cast<std::int64_t>(random()) - 2'000'000'000);
  }
  for (int i = 0; i < 20; ++i)
    builder.add(catalog::dropped, {{"number", i}}, static_cast<std::int64_t>(random()));
  return builder.get();
}

/// The numbers that a reader should find, worked out without the exporter.
std::map<std::string, double> expected_numbers(const snapshot& snapshot) {
  std::map<std::string, double> numbers;
  for (const point& p : merge_statements(all_points(snapshot))) {
    const std::string number = to_string(*p.series->labels.find("number"));
    if (p.histogram == nullptr) {
      numbers[std::string{p.series->instrument->name} + number] = static_cast<double>(p.number);
      continue;
    }
    for (const double bound : p.histogram->layout().bounds()) {
      numbers[fmt::format("bucket{} {}", number, bound)] =
          static_cast<double>(*p.histogram->count_at_or_below(bound));
    }
    numbers["count" + number] = static_cast<double>(p.histogram->count());
    numbers["sum" + number] = static_cast<double>(p.histogram->sum()) / 1e9;
  }
  return numbers;
}

std::map<std::string, double> numbers_read(const std::string& text) {
  static const std::map<std::string, std::string> prefixes{
      {"db_client_operation_duration_seconds_bucket", "bucket"},
      {"db_client_operation_duration_seconds_count", "count"},
      {"db_client_operation_duration_seconds_sum", "sum"},
      {"db_client_connection_count", "db.client.connection.count"},
      {"querytap_dropped_total", "querytap.dropped"}};
  std::map<std::string, double> numbers;
  for (const exposed_family& family : parse_exposition(text)) {
    if (family.name == "target_info") continue;
    for (const exposed_sample& sample : family.samples) {
      const auto bound = sample.labels.find("le");
      if (bound != sample.labels.end() && bound->second == "+Inf") continue;
      numbers[prefixes.at(sample.name) + sample.labels.at("number") +
              (bound == sample.labels.end() ? "" : ' ' + bound->second)] = sample.value;
    }
  }
  return numbers;
}

}  // namespace

TEST_CASE("a counter is exposed with its total", "[prometheus_text]") {
  snapshot_builder builder;
  builder.add(catalog::connection_timeouts, {{"db.client.connection.pool.name", "shop"}}, 7);
  builder.add(catalog::connection_timeouts, {}, 0);
  CHECK(rendered(builder.get()) ==
        "# HELP db_client_connection_timeouts_total Callers that gave up waiting for a "
        "connection.\n"
        "# TYPE db_client_connection_timeouts_total counter\n"
        "db_client_connection_timeouts_total{db_client_connection_pool_name=\"shop\"} 7\n"
        "db_client_connection_timeouts_total 0\n");
}

TEST_CASE("an up-down counter is exposed as a gauge", "[prometheus_text]") {
  snapshot_builder builder;
  builder.add(catalog::connection_count,
              {{"db.client.connection.state", "used"}, {"db.client.connection.pool.name", "shop"}},
              3);
  builder.add(catalog::connection_count,
              {{"db.client.connection.state", "idle"}, {"db.client.connection.pool.name", "shop"}},
              -1);
  CHECK(rendered(builder.get()) ==
        "# HELP db_client_connection_count Connections of the pool by state.\n"
        "# TYPE db_client_connection_count gauge\n"
        "db_client_connection_count{db_client_connection_pool_name=\"shop\","
        "db_client_connection_state=\"used\"} 3\n"
        "db_client_connection_count{db_client_connection_pool_name=\"shop\","
        "db_client_connection_state=\"idle\"} -1\n");
}

TEST_CASE("a gauge is exposed as it is", "[prometheus_text]") {
  snapshot_builder builder;
  builder.add(catalog::lanes, {}, 12);
  CHECK(rendered(builder.get()) ==
        "# HELP querytap_lanes Lanes that threads have recorded into.\n"
        "# TYPE querytap_lanes gauge\n"
        "querytap_lanes 12\n");
}

TEST_CASE("a histogram is exposed as buckets up to each bound and threshold, sum and count",
          "[prometheus_text]") {
  snapshot_builder builder{{0.3}};
  builder.record(catalog::operation_duration, {{"db.system.name", "sqlite"}, {"server.port", 5433}},
                 {1'000'000, 1'000'001, 300'000'000, 300'000'001, 20'000'000'000});
  const std::string name = "db_client_operation_duration_seconds";
  const std::string labels = "db_system_name=\"sqlite\",server_port=\"5433\"";
  CHECK(rendered(builder.get()) ==
        "# HELP " + name + " Duration of database client operations.\n" + "# TYPE " + name +
            " histogram\n" + name + "_bucket{" + labels + ",le=\"0.001\"} 1\n" + name + "_bucket{" +
            labels + ",le=\"0.005\"} 2\n" + name + "_bucket{" + labels + ",le=\"0.01\"} 2\n" +
            name + "_bucket{" + labels + ",le=\"0.05\"} 2\n" + name + "_bucket{" + labels +
            ",le=\"0.1\"} 2\n" + name + "_bucket{" + labels + ",le=\"0.3\"} 3\n" + name +
            "_bucket{" + labels + ",le=\"0.5\"} 4\n" + name + "_bucket{" + labels +
            ",le=\"1\"} 4\n" + name + "_bucket{" + labels + ",le=\"5\"} 4\n" + name + "_bucket{" +
            labels + ",le=\"10\"} 4\n" + name + "_bucket{" + labels + ",le=\"+Inf\"} 5\n" + name +
            "_sum{" + labels + "} 20.602000002\n" + name + "_count{" + labels + "} 5\n");
}

TEST_CASE("a histogram without attributes has no label but le", "[prometheus_text]") {
  static constexpr double bounds[] = {1, 16777216};
  static constexpr instrument sizes{"test.size", "By", instrument_kind::histogram, "Sizes.",
                                    bounds};
  snapshot_builder builder;
  builder.record(sizes, {}, {16777216, 0});
  CHECK(rendered(builder.get()) ==
        "# HELP test_size_bytes Sizes.\n"
        "# TYPE test_size_bytes histogram\n"
        "test_size_bytes_bucket{le=\"1\"} 1\n"
        "test_size_bytes_bucket{le=\"16777216\"} 2\n"
        "test_size_bytes_bucket{le=\"+Inf\"} 2\n"
        "test_size_bytes_sum 16777216\n"
        "test_size_bytes_count 2\n");
}

TEST_CASE("the resource leaves as target_info", "[prometheus_text]") {
  snapshot_builder builder;
  builder.set_resource({"service.name", "chatbot"});
  builder.set_resource({"service.version", "1.\"2\""});
  CHECK(prometheus_text{}.render(builder.get()) ==
        "# HELP target_info The service that these metrics are of.\n"
        "# TYPE target_info gauge\n"
        "target_info{service_name=\"chatbot\",service_version=\"1.\\\"2\\\"\"} 1\n");
}

TEST_CASE("a snapshot of nothing is rendered as nothing", "[prometheus_text]") {
  CHECK(prometheus_text{}.render(snapshot{}).empty());
}

TEST_CASE("HELP and TYPE stand once before all series of a family", "[prometheus_text]") {
  snapshot_builder builder;
  for (int i = 0; i < 3; ++i) builder.add(catalog::connection_max, {{"number", i}}, i);
  for (int i = 0; i < 3; ++i) builder.record(catalog::returned_rows, {{"number", i}}, {1});
  for (int i = 0; i < 3; ++i) builder.add(catalog::connection_idle_max, {{"number", i}}, i);
  const auto families = parse_exposition(rendered(builder.get()));
  REQUIRE(families.size() == 3);
  CHECK(families[0].name == "db_client_connection_max");
  CHECK(families[0].samples.size() == 3);
  CHECK(families[1].name == "db_client_response_returned_rows");
  CHECK(families[1].type == "histogram");
  CHECK(families[2].name == "db_client_connection_idle_max");
  CHECK(families[2].help == "Most idle connections that the pool keeps.");
}

TEST_CASE("the statements of one series leave as one", "[prometheus_text]") {
  snapshot_builder builder;
  builder.record(catalog::returned_rows, {{"db.system.name", "sqlite"}}, {1, 20000},
                 statement_of(1, "select a"));
  builder.record(catalog::returned_rows, {{"db.system.name", "sqlite"}}, {3},
                 statement_of(2, "select b"));
  const auto numbers = numbers_of(parse_exposition(rendered(builder.get())));
  CHECK(numbers.at("db_client_response_returned_rows_count{db_system_name=\"sqlite\" }") == 3);
  CHECK(numbers.at("db_client_response_returned_rows_sum{db_system_name=\"sqlite\" }") == 20004);
  CHECK(numbers.at("db_client_response_returned_rows_bucket{db_system_name=\"sqlite\" le=5 }") ==
        2);
  CHECK(rendered(builder.get()).find("select") == std::string::npos);
}

TEST_CASE("backslash, quote and newline are escaped and come back", "[prometheus_text]") {
  snapshot_builder builder;
  builder.add(catalog::connection_max, {{"db.namespace", "a\\b\"c\nd\\n"}}, 1);
  CHECK(rendered(builder.get()).find("{db_namespace=\"a\\\\b\\\"c\\nd\\\\n\"} 1\n") !=
        std::string::npos);
  for (const char* value : {"\\", "\"", "\n", "\\\"", "\\n", "a=\"b\",c=\"d\"} 5\n# TYPE x gauge\n",
                            "", " ", "\t\r", "{}"}) {
    CAPTURE(value);
    CHECK(exported(value) == value);
  }
}

TEST_CASE("a description is escaped where HELP asks for it", "[prometheus_text]") {
  static constexpr instrument odd{"odd", "", instrument_kind::gauge, "A \\ and a \"\nand so on."};
  snapshot_builder builder;
  builder.add(odd, {}, 1);
  CHECK(rendered(builder.get()) ==
        "# HELP odd A \\\\ and a \"\\nand so on.\n"
        "# TYPE odd gauge\n"
        "odd 1\n");
  CHECK(parse_exposition(rendered(builder.get())).at(0).help == odd.description);
}

TEST_CASE("well-formed UTF-8 leaves as it is", "[prometheus_text]") {
  for (const char* value :
       {"naïve", "数据库", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
        "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF", "🙂"}) {
    CAPTURE(value);
    CHECK(exported(value) == value);
  }
}

TEST_CASE("each byte of no character leaves as a replacement", "[prometheus_text]") {
  const std::string r = "\xEF\xBF\xBD";
  CHECK(exported("a\xFFz") == "a" + r + "z");
  CHECK(exported("\x80") == r);
  CHECK(exported("\xC0\xAF") == r + r);                  // an overlong slash
  CHECK(exported("\xE0\x80\xAF") == r + r + r);          // a longer one
  CHECK(exported("\xED\xA0\x80") == r + r + r);          // half of a surrogate pair
  CHECK(exported("\xF4\x90\x80\x80") == r + r + r + r);  // past the last code point
  CHECK(exported("\xF8\x88\x80\x80\x80") == r + r + r + r + r);
  CHECK(exported("\xE2\x82") == r + r);  // cut short
  CHECK(exported("\xE2\x82\"") == r + r + "\"");
  CHECK(exported("\xC3"
                 "é") == r + "é");
}

TEST_CASE("any bytes leave as UTF-8, and what was UTF-8 is not touched", "[prometheus_text]") {
  std::mt19937 random{11};
  for (int i = 0; i < 2000; ++i) {
    const std::string value = random_bytes(random, 12);
    const std::string reported = exported(value);
    const bool ref_counted = is_utf8(value) == (reported == value);
    if (!is_utf8(reported) || !ref_counted) {
      CAPTURE(value, reported);
      CHECK(is_utf8(reported));
      CHECK(ref_counted);
    }
  }
}

TEST_CASE("keys that become the same label leave as one label", "[prometheus_text]") {
  snapshot_builder builder;
  builder.set_resource({"team.name", "search"});
  builder.set_resource({"team_name", "storage"});
  builder.add(catalog::connection_max, {{"a.b", 1}, {"a_b", "two"}}, 5);
  const std::string text = prometheus_text{}.render(builder.get());
  REQUIRE_NOTHROW(parse_exposition(text));
  CHECK(text.find("target_info{team_name=\"search;storage\"} 1\n") != std::string::npos);
  CHECK(text.find("db_client_connection_max{a_b=\"1;two\"} 5\n") != std::string::npos);
}

TEST_CASE("an attribute named le does not hide the bounds of the buckets", "[prometheus_text]") {
  snapshot_builder builder;
  builder.record(catalog::returned_rows, {{"le", "mine"}}, {1});
  CHECK_NOTHROW(parse_exposition(prometheus_text{}.render(builder.get())));
}

TEST_CASE("the numbers read back are those of the snapshot", "[prometheus_text]") {
  std::mt19937 random{5};
  prometheus_text format;
  for (int i = 0; i < 20; ++i) {
    const snapshot current = random_snapshot(random);
    CHECK(numbers_read(format.render(current)) == expected_numbers(current));
  }
}

TEST_CASE("large numbers are exact to the last digit", "[prometheus_text]") {
  snapshot_builder builder;
  builder.add(catalog::memory_usage, {}, INT64_MAX);
  builder.add(catalog::connection_count, {}, INT64_MIN);
  const std::string text = rendered(builder.get());
  CHECK(text.find("querytap_memory_usage_bytes 9223372036854775807\n") != std::string::npos);
  CHECK(text.find("db_client_connection_count -9223372036854775808\n") != std::string::npos);
}

TEST_CASE("the same snapshot gives the same text each time", "[prometheus_text]") {
  std::mt19937 random{6};
  const snapshot current = random_snapshot(random);
  prometheus_text format;
  const std::string first = format.render(current);
  CHECK(format.render(current) == first);
  CHECK(prometheus_text{}.render(current) == first);
}

TEST_CASE("series that have left are gone, those that return are back", "[prometheus_text]") {
  const attributes shop{{"db.client.connection.pool.name", "shop"}};
  snapshot_builder builder;
  builder.add(catalog::connection_max, {}, 1);
  builder.add(catalog::connection_max, shop, 2);
  builder.add(catalog::lanes, {}, 3);
  prometheus_text format;
  const std::string all = format.render(builder.get());

  builder.remove(catalog::connection_max, shop);
  builder.remove(catalog::lanes, {});
  const std::string fewer = format.render(builder.get());
  CHECK(fewer == prometheus_text{}.render(builder.get()));
  CHECK(fewer.find("shop") == std::string::npos);
  CHECK(fewer.find("lanes") == std::string::npos);

  builder.add(catalog::connection_max, shop, 2);
  builder.add(catalog::lanes, {}, 3);
  CHECK(format.render(builder.get()) == all);
}

TEST_CASE("a series still has its header when the series before it has left", "[prometheus_text]") {
  snapshot_builder builder;
  builder.add(catalog::connection_max, {{"number", 1}}, 1);
  builder.add(catalog::connection_max, {{"number", 2}}, 2);
  prometheus_text format;
  (void)format.render(builder.get());
  builder.remove(catalog::connection_max, {{"number", 1}});
  CHECK(format.render(builder.get()) ==
        "# HELP db_client_connection_max Most connections that the pool opens.\n"
        "# TYPE db_client_connection_max gauge\n"
        "db_client_connection_max{number=\"2\"} 2\n");
}

TEST_CASE("a format that was moved renders as before", "[prometheus_text]") {
  snapshot_builder builder;
  builder.add(catalog::lanes, {}, 3);
  prometheus_text format;
  const std::string text = format.render(builder.get());
  prometheus_text moved{std::move(format)};
  CHECK(moved.render(builder.get()) == text);
  format = std::move(moved);
  CHECK(format.render(builder.get()) == text);
}

TEST_CASE("the values in a recorder are exposed as they were recorded", "[prometheus_text]") {
  manual_clock time;
  recorder telemetry{
      {.service_name = "shop", .slo_thresholds = {std::chrono::milliseconds{20}}, .time = &time}};
  const attributes sqlite{{"db.system.name", "sqlite"}};
  telemetry.bind_histogram(catalog::operation_duration, sqlite).record(std::uint64_t{20'000'000});
  telemetry.bind_histogram(catalog::operation_duration, sqlite).record(std::uint64_t{20'000'001});
  telemetry.bind_counter(catalog::connection_timeouts, {}).add(3);
  telemetry.bind_up_down_counter(catalog::connection_pending_requests, {}).add(-2);
  const auto numbers = numbers_of(parse_exposition(prometheus_text{}.render(telemetry.collect())));
  const std::string duration = "db_client_operation_duration_seconds";
  CHECK(numbers.at(duration + "_bucket{db_system_name=\"sqlite\" le=0.02 }") == 1);
  CHECK(numbers.at(duration + "_count{db_system_name=\"sqlite\" }") == 2);
  CHECK(numbers.at(duration + "_sum{db_system_name=\"sqlite\" }") == 0.040000001);
  CHECK(numbers.at("db_client_connection_timeouts_total{}") == 3);
  CHECK(numbers.at("db_client_connection_pending_requests{}") == -2);
}
