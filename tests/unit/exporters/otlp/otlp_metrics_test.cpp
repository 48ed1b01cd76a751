// What a snapshot says leaves as OTLP to the last digit: the decoders of other projects read it
// back.

#include <querytap/exporters/otlp/otlp_json.hpp>
#include <querytap/exporters/otlp/otlp_metrics.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <support/otlp_decoder.hpp>
#include <unit/exporters/otlp/time_at.hpp>
#include <unit/snapshot/snapshot_builder.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::testing;
using std::chrono::nanoseconds;

namespace {

const otlp_metrics_options exponential{.histograms = otlp_histograms::exponential};
const otlp_metrics_options delta{.temporality = otlp_temporality::delta};

/// A snapshot of one metric with one point.
snapshot snapshot_of(const instrument& instrument, const attributes& labels,
                     std::shared_ptr<const histogram_data> data, std::int64_t number = 0) {
  const auto series = std::make_shared<const series_identity>(series_identity{&instrument, labels});
  return {.start = time_at(1),
          .time = time_at(2),
          .metrics = {std::make_shared<const metric>(
              metric{&instrument, {{series, nullptr, std::move(data), number}}})}};
}

std::shared_ptr<histogram_data> values(const instrument& instrument,
                                       std::vector<std::uint64_t> recorded,
                                       std::span<const double> thresholds = {}) {
  auto data = std::make_shared<histogram_data>(bucket_layout::make(instrument, thresholds));
  for (const std::uint64_t value : recorded) data->record(value);
  return data;
}

std::string metric_text(const otlp_payload& request) {
  const std::string all = read_by_protoc(otlp_signal::metrics, request.body);
  const auto begin = all.find("    metrics {");
  return begin == std::string::npos ? all : all.substr(begin);
}

std::size_t bucket_of(const bucket_layout& layout, int exponential_index) {
  for (std::size_t flat = 0; flat < bucket_layout::buckets; ++flat) {
    if (layout.exponential_index(flat) == exponential_index) return flat;
  }
  FAIL("no bucket has the index " << exponential_index);
  return 0;
}

}  // namespace

TEST_CASE("the bytes are those that protoc makes of the same message") {
  static constexpr instrument duration{
      .name = "db.client.operation.duration", .unit = "s", .kind = instrument_kind::histogram};
  const auto data = values(duration, {});
  for (const auto& [index, count] : {std::pair{-3, 1}, {-2, 2}, {2, 1}}) {
    const std::size_t flat = bucket_of(data->layout(), index);
    data->add(flat / 16, flat % 16, static_cast<std::uint64_t>(count));
  }
  data->add_range(500'000'000, 100'000'000, 300'000'000);
  snapshot golden = snapshot_of(duration, {{"db.system.name", "postgresql"}}, data);
  golden.resource.set({"service.name", "s"});

  otlp_metrics format{{.histograms = otlp_histograms::exponential, .scope = {"n", "1"}}};
  CHECK(
      hex(format.render(golden).body) ==
      "0ab0010a150a130a0c736572766963652e6e616d6512030a01731296010a060a016e120131128b010a1c64622e"
      "636c69656e742e6f7065726174696f6e2e6475726174696f6e1a017352680a640a1e0a0e64622e73797374656d"
      "2e6e616d65120c0a0a706f737467726573716c11010000000000000019020000000000000021040000000000"
      "000029000000000000e03f3006420a08051206010200000001619a9999999999b93f69333333333333d33f1002");
}

TEST_CASE("the bytes do not depend on how large the request before was") {
  otlp_metrics format;
  const snapshot small = snapshot_of(catalog::connection_timeouts, {}, nullptr, 7);
  const std::string first = format.render(small).body;
  snapshot_builder many;
  for (int i = 0; i < 2000; ++i) {
    many.add(catalog::connection_timeouts, {{"db.client.connection.pool.name", i}}, i);
  }
  const otlp_payload large = format.render(many.get());
  CHECK(large.records == 2000);
  CHECK(large.body.size() > 100'000);
  CHECK(format.render(small).body == first);
  CHECK(format.render(many.get()).body == large.body);
}

TEST_CASE("a histogram leaves with its buckets, its range and its start") {
  static constexpr double bounds[] = {0.001, 0.005};
  static constexpr instrument instrument{.name = "a.duration",
                                         .unit = "s",
                                         .kind = instrument_kind::histogram,
                                         .description = "What it takes.",
                                         .bounds = bounds};
  const auto data = values(instrument, {0, 1'000'000, 1'000'001, 300'000'000}, std::array{0.2});
  CHECK(metric_text(otlp_metrics{}.render(snapshot_of(instrument, sqlite, data))) ==
        R"(    metrics {
      name: "a.duration"
      description: "What it takes."
      unit: "s"
      histogram {
        data_points {
          start_time_unix_nano: 1
          time_unix_nano: 2
          count: 4
          sum: 0.302000001
          bucket_counts: 2
          bucket_counts: 1
          bucket_counts: 0
          bucket_counts: 1
          explicit_bounds: 0.001
          explicit_bounds: 0.005
          explicit_bounds: 0.2
          attributes {
            key: "db.system.name"
            value {
              string_value: "sqlite"
            }
          }
          min: 0
          max: 0.3
        }
        aggregation_temporality: AGGREGATION_TEMPORALITY_CUMULATIVE
      }
    }
  }
}
)");
}

TEST_CASE("a histogram leaves with exponential buckets if the option says so") {
  static constexpr instrument instrument{
      .name = "a.duration", .unit = "s", .kind = instrument_kind::histogram};
  const auto data = values(instrument, {0, 1'000'000'000, 1'000'000'001, 1'500'000'000});
  CHECK(metric_text(otlp_metrics{exponential}.render(snapshot_of(instrument, {}, data))) ==
        R"(    metrics {
      name: "a.duration"
      unit: "s"
      exponential_histogram {
        data_points {
          start_time_unix_nano: 1
          time_unix_nano: 2
          count: 4
          sum: 3.500000001
          scale: 3
          zero_count: 1
          positive {
            offset: -1
            bucket_counts: 1
            bucket_counts: 1
            bucket_counts: 0
            bucket_counts: 0
            bucket_counts: 0
            bucket_counts: 1
          }
          min: 0
          max: 1.5
        }
        aggregation_temporality: AGGREGATION_TEMPORALITY_CUMULATIVE
      }
    }
  }
}
)");
}

TEST_CASE("a histogram without values has neither range nor exponential buckets") {
  const auto data = values(catalog::connection_timeouts, {});
  static constexpr instrument instrument{.name = "a.size", .kind = instrument_kind::histogram};
  CHECK(metric_text(otlp_metrics{exponential}.render(
            snapshot_of(instrument, {}, values(instrument, {})))) ==
        R"(    metrics {
      name: "a.size"
      exponential_histogram {
        data_points {
          start_time_unix_nano: 1
          time_unix_nano: 2
          sum: 0
          scale: 3
        }
        aggregation_temporality: AGGREGATION_TEMPORALITY_CUMULATIVE
      }
    }
  }
}
)");
}

TEST_CASE("counters, up-down counters and gauges leave as what they are") {
  snapshot_builder builder;
  builder.add(catalog::connection_timeouts,
              {{"text", "a"}, {"number", 3}, {"half", 0.5}, {"yes", true}}, 7);
  builder.add(catalog::connection_max, {}, -2);
  builder.add(catalog::lanes, {}, 0);
  const otlp_payload request = otlp_metrics{}.render(builder.get());
  CHECK(request.records == 3);
  CHECK(metric_text(request) == R"(    metrics {
      name: "db.client.connection.timeouts"
      description: "Callers that gave up waiting for a connection."
      unit: "{timeout}"
      sum {
        data_points {
          as_int: 7
          attributes {
            key: "half"
            value {
              double_value: 0.5
            }
          }
          attributes {
            key: "number"
            value {
              int_value: 3
            }
          }
          attributes {
            key: "text"
            value {
              string_value: "a"
            }
          }
          attributes {
            key: "yes"
            value {
              bool_value: true
            }
          }
        }
        aggregation_temporality: AGGREGATION_TEMPORALITY_CUMULATIVE
        is_monotonic: true
      }
    }
    metrics {
      name: "db.client.connection.max"
      description: "Most connections that the pool opens."
      unit: "{connection}"
      sum {
        data_points {
          as_int: -2
        }
        aggregation_temporality: AGGREGATION_TEMPORALITY_CUMULATIVE
      }
    }
    metrics {
      name: "querytap.lanes"
      description: "Lanes that threads have recorded into."
      unit: "{lane}"
      gauge {
        data_points {
          as_int: 0
        }
      }
    }
  }
}
)");
}

TEST_CASE("a counter of seconds leaves in seconds, though it counts nanoseconds") {
  static constexpr instrument instrument{
      .name = "a.time", .unit = "s", .kind = instrument_kind::counter};
  const std::string text =
      metric_text(otlp_metrics{}.render(snapshot_of(instrument, {}, nullptr, 1'500'000'000)));
  CHECK(text.find("as_double: 1.5\n") != std::string::npos);
  CHECK(text.find("as_int") == std::string::npos);
}

TEST_CASE("the statements of one series leave as one data point") {
  snapshot_builder builder;
  builder.record(catalog::returned_rows, sqlite, {1, 2}, statement_of(1, "select ?"));
  builder.record(catalog::returned_rows, {}, {9});
  builder.record(catalog::returned_rows, sqlite, {3}, statement_of(2, "select ?, ?"));
  const otlp_payload request = otlp_metrics{exponential}.render(builder.get());
  CHECK(request.records == 2);
  const std::string text = metric_text(request);
  CHECK(text.find("count: 3\n          sum: 6\n") != std::string::npos);
  CHECK(text.find("count: 1\n          sum: 9\n") != std::string::npos);
}

TEST_CASE("a series with a start of its own leaves with that start") {
  snapshot current = snapshot_of(catalog::connection_timeouts, {}, nullptr, 7);
  const auto series = std::make_shared<const series_identity>(
      series_identity{&catalog::connection_timeouts, {}, time_at(5)});
  current.metrics = {std::make_shared<const metric>(
      metric{&catalog::connection_timeouts, {{series, nullptr, nullptr, 7}}})};
  CHECK(metric_text(otlp_metrics{}.render(current)).find("start_time_unix_nano: 5\n") !=
        std::string::npos);
}

TEST_CASE("an exemplar leaves with its value, its time and its trace") {
  const auto data = values(catalog::operation_duration, {2'000'000});
  data->add_exemplar(
      {2'000'000, time_at(2),
       *trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")});
  const snapshot current = snapshot_of(catalog::operation_duration, {}, data);
  const std::string expected = R"(          exemplars {
            time_unix_nano: 2
            as_double: 0.002
            span_id: "\000\360g\252\013\251\002\267"
            trace_id: "K\371/5w\263M\246\243\316\222\235\016\016G6"
          }
)";
  CHECK(metric_text(otlp_metrics{}.render(current)).find(expected) != std::string::npos);
  CHECK(metric_text(otlp_metrics{exponential}.render(current)).find(expected) != std::string::npos);
  CHECK(metric_text(otlp_metrics{{.exemplars = false}}.render(current)).find("exemplars") ==
        std::string::npos);
}

TEST_CASE("with delta temporality a request has what happened since the snapshot before") {
  snapshot_builder builder;
  builder.record(catalog::operation_duration, sqlite, {2'000'000, 3'000'000});
  builder.add(catalog::connection_timeouts, sqlite, 4);
  builder.add(catalog::connection_timeouts, {}, 9);
  builder.add(catalog::connection_max, {}, 5);
  snapshot before = builder.get();
  before.start = time_at(1);
  before.time = time_at(10);
  builder.remove(catalog::operation_duration, sqlite);
  builder.record(catalog::operation_duration, sqlite, {2'000'000, 3'000'000, 7'000'000});
  builder.remove(catalog::connection_timeouts, sqlite);
  builder.add(catalog::connection_timeouts, sqlite, 6);
  snapshot current = builder.get();
  current.start = time_at(1);
  current.time = time_at(20);

  otlp_metrics format{delta};
  const std::string first = metric_text(format.render(before));
  CHECK(first.find("start_time_unix_nano: 1\n          time_unix_nano: 10\n          count: 2\n"
                   "          sum: 0.005\n") != std::string::npos);
  CHECK(first.find("min: 0.002\n") != std::string::npos);

  const otlp_payload request = format.render(current, before);
  CHECK(request.records == 3);
  CHECK(metric_text(request) == R"(    metrics {
      name: "db.client.operation.duration"
      description: "Duration of database client operations."
      unit: "s"
      histogram {
        data_points {
          start_time_unix_nano: 10
          time_unix_nano: 20
          count: 1
          sum: 0.007
          bucket_counts: 0
          bucket_counts: 0
          bucket_counts: 1
          bucket_counts: 0
          bucket_counts: 0
          bucket_counts: 0
          bucket_counts: 0
          bucket_counts: 0
          bucket_counts: 0
          bucket_counts: 0
          explicit_bounds: 0.001
          explicit_bounds: 0.005
          explicit_bounds: 0.01
          explicit_bounds: 0.05
          explicit_bounds: 0.1
          explicit_bounds: 0.5
          explicit_bounds: 1
          explicit_bounds: 5
          explicit_bounds: 10
          attributes {
            key: "db.system.name"
            value {
              string_value: "sqlite"
            }
          }
        }
        aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA
      }
    }
    metrics {
      name: "db.client.connection.timeouts"
      description: "Callers that gave up waiting for a connection."
      unit: "{timeout}"
      sum {
        data_points {
          start_time_unix_nano: 10
          time_unix_nano: 20
          as_int: 2
          attributes {
            key: "db.system.name"
            value {
              string_value: "sqlite"
            }
          }
        }
        aggregation_temporality: AGGREGATION_TEMPORALITY_DELTA
        is_monotonic: true
      }
    }
    metrics {
      name: "db.client.connection.max"
      description: "Most connections that the pool opens."
      unit: "{connection}"
      sum {
        data_points {
          start_time_unix_nano: 1
          time_unix_nano: 20
          as_int: 5
        }
        aggregation_temporality: AGGREGATION_TEMPORALITY_CUMULATIVE
      }
    }
  }
}
)");
}

TEST_CASE("there is no request where there is nothing to report") {
  snapshot_builder builder;
  builder.add(catalog::connection_timeouts, {}, 4);
  const snapshot current = builder.get();
  otlp_metrics format{delta};
  CHECK(format.render(current, current).body == "");
  CHECK(format.render(current, current).records == 0);
  CHECK(otlp_metrics{}.render(snapshot{}).body == "");
}

TEST_CASE("a label of any bytes leaves as valid text") {
  snapshot_builder builder;
  builder.add(catalog::connection_timeouts, {{"db.client.connection.pool.name", "a\xFFz"}}, 1);
  CHECK(
      metric_text(otlp_metrics{}.render(builder.get())).find(R"(string_value: "a\357\277\275z")") !=
      std::string::npos);
}

TEST_CASE("the decoder of OpenTelemetry JS reads the same numbers") {
  snapshot_builder builder;
  builder.set_resource({"service.name", "chatbot"});
  builder.record(catalog::operation_duration, sqlite, {2'000'000, 3'000'000});
  CHECK(read_by_javascript(otlp_signal::metrics, otlp_metrics{}.render(builder.get()).body) ==
        R"({"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":)"
        R"({"stringValue":"chatbot"}}]},"scopeMetrics":[{"scope":{"name":"querytap","version":")" +
            std::string{version} +
            R"("},"metrics":[{"name":"db.client.operation.duration","description":)"
            R"("Duration of database client operations.","unit":"s","histogram":{"dataPoints":[{)"
            R"("startTimeUnixNano":"0","timeUnixNano":"0","count":"2","sum":0.005,"bucketCounts":)"
            R"(["0","2","0","0","0","0","0","0","0","0"],"explicitBounds":[0.001,0.005,0.01,0.05,)"
            R"(0.1,0.5,1,5,10],"attributes":[{"key":"db.system.name","value":{"stringValue":)"
            R"("sqlite"}}],"min":0.002,"max":0.003}],"aggregationTemporality":2}}]}]}]})");
}

TEST_CASE("JSON says what the protobuf says") {
  snapshot_builder builder;
  builder.set_resource({"service.name", "chat\"bot\n"});
  builder.record(catalog::operation_duration, sqlite, {0, 2'000'000, 3'000'000});
  builder.add(catalog::connection_timeouts,
              {{"text", "a"}, {"number", 3}, {"half", 0.5}, {"yes", true}}, 7);
  builder.add(catalog::connection_max, {}, -2);
  builder.add(catalog::lanes, {}, 0);
  for (const otlp_histograms histograms :
       {otlp_histograms::explicit_bounds, otlp_histograms::exponential}) {
    const std::string protobuf =
        otlp_metrics{{.histograms = histograms}}.render(builder.get()).body;
    const std::string json = otlp_json(otlp_signal::metrics, protobuf);
    // JavaScript orders fields by their number, as we do, and the JSON of both decodes to one
    // message.
    CHECK(
        read_by_protoc(otlp_signal::metrics, protobuf_by_javascript(otlp_signal::metrics, json)) ==
        read_by_protoc(otlp_signal::metrics, protobuf));
  }
}

TEST_CASE("JSON follows OTLP where that departs from protobuf's own") {
  const auto data = values(catalog::operation_duration, {2'000'000});
  data->add_exemplar(
      {2'000'000, time_at(2),
       *trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")});
  const snapshot current = snapshot_of(catalog::operation_duration, {}, data);
  CHECK(otlp_json(otlp_signal::metrics, otlp_metrics{exponential}.render(current).body) ==
        R"({"resourceMetrics":[{"resource":{},"scopeMetrics":[{"scope":{"name":"querytap",)"
        R"("version":")" +
            std::string{version} +
            R"("},"metrics":[{"name":"db.client.operation.duration","description":)"
            R"("Duration of database client operations.","unit":"s","exponentialHistogram":)"
            R"({"dataPoints":[{"startTimeUnixNano":"1","timeUnixNano":"2","count":"1","sum":0.002,)"
            R"("scale":3,"positive":{"offset":-72,"bucketCounts":["1"]},"exemplars":[{)"
            R"("timeUnixNano":"2","asDouble":0.002,"spanId":"00f067aa0ba902b7","traceId":)"
            R"("4bf92f3577b34da6a3ce929d0e0e4736"}],"min":0.002,"max":0.002}],)"
            R"("aggregationTemporality":2}}]}]}]})");
}
