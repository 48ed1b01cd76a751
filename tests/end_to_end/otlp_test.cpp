// A collector of another project accepts querytap's requests, and querytap understands its answers.

#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <support/child_process.hpp>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

class receiver {
 public:
  explicit receiver(const std::string& rejected = {}) {
    if (!std::filesystem::exists(QUERYTAP_NODE_MODULES "/@opentelemetry/otlp-transformer")) {
      FAIL("install the packages of tests/node");
    }
    std::vector<std::string> command{"/usr/bin/node", QUERYTAP_OTLP_RECEIVER,
                                     QUERYTAP_NODE_MODULES};
    if (!rejected.empty()) command.push_back(rejected);
    process_.emplace(command, child_options{.output = output_});
    for (int i = 0; i < 1000 && lines().empty(); ++i) std::this_thread::sleep_for(10ms);
    REQUIRE_FALSE(lines().empty());
  }

  [[nodiscard]] std::string url(const std::string& scheme = "http") const {
    return scheme + "://127.0.0.1:" + lines().at(0);
  }

  /// The requests received at a path, as the decoder read them.
  [[nodiscard]] std::vector<json> received(const std::string& path) const {
    std::vector<json> requests;
    const std::vector<std::string> output = lines();
    for (std::size_t i = 1; i < output.size(); ++i) {
      const json line = json::parse(output[i]);
      INFO(output[i]);
      REQUIRE(line.contains("request"));
      if (line["url"] == path) requests.push_back(line["request"]);
    }
    return requests;
  }

 private:
  [[nodiscard]] std::vector<std::string> lines() const {
    std::istringstream text{std::filesystem::exists(output_) ? read_text(output_) : ""};
    std::vector<std::string> result;
    for (std::string line; std::getline(text, line) && !text.eof();) result.push_back(line);
    return result;
  }

  temporary_folder folder_;
  std::filesystem::path output_ = folder_.path() / "output";
  std::optional<child_process> process_;
};

const json& scope_of(const json& request, const char* resources, const char* scopes) {
  return request.at(resources).at(0).at(scopes).at(0);
}

const json* metric_named(const json& request, std::string_view name) {
  for (const json& metric : scope_of(request, "resourceMetrics", "scopeMetrics").at("metrics")) {
    if (metric.at("name") == name) return &metric;
  }
  return nullptr;
}

attributes attributes_of(const json& list) {
  attributes result;
  for (const json& item : list) {
    const json& value = item.at("value");
    const std::string key = item.at("key");
    if (value.contains("stringValue")) result.set({key, value["stringValue"].get<std::string>()});
    if (value.contains("boolValue")) result.set({key, value["boolValue"].get<bool>()});
    if (value.contains("doubleValue")) result.set({key, value["doubleValue"].get<double>()});
    if (value.contains("intValue")) {
      result.set({key, std::int64_t{std::stoll(value["intValue"].get<std::string>())}});
    }
  }
  return result;
}

std::string nanoseconds_of(std::chrono::system_clock::time_point time) {
  return std::to_string(std::chrono::nanoseconds{time.time_since_epoch()}.count());
}

std::chrono::system_clock::time_point start_of(const point& point, const snapshot& snapshot) {
  const bool has_own = point.series->start != std::chrono::system_clock::time_point{};
  return has_own ? point.series->start : snapshot.start;
}

std::vector<std::string> texts(std::span<const std::uint64_t> numbers) {
  std::vector<std::string> result;
  for (const std::uint64_t number : numbers) result.push_back(std::to_string(number));
  return result;
}

void compare_histogram(const json& data_point, const histogram_data& expected) {
  CHECK(data_point.at("count") == std::to_string(expected.count()));
  CHECK(data_point.at("sum") == expected.to_unit(expected.sum()));
  CHECK(data_point.at("min") == expected.to_unit(expected.min()));
  CHECK(data_point.at("max") == expected.to_unit(expected.max()));
  const auto bounds = expected.layout().bounds();
  CHECK(data_point.at("explicitBounds") == std::vector<double>{bounds.begin(), bounds.end()});
  CHECK(data_point.at("bucketCounts") == texts(expected.explicit_counts()));
}

void compare_exponential(const json& data_point, const histogram_data& expected) {
  const auto view = expected.exponential();
  CHECK(data_point.at("count") == std::to_string(expected.count()));
  CHECK(data_point.at("scale") == view.scale);
  CHECK(data_point.value("zeroCount", "0") == std::to_string(view.zero_count));
  CHECK(data_point.at("positive").at("offset") == view.offset);
  CHECK(data_point.at("positive").at("bucketCounts") == texts(view.counts));
}

/// Records into a few series of each kind, and collects.
snapshot recorded_snapshot(recorder& recorder) {
  const attributes sqlite{{"db.system.name", "sqlite"}, {"server.port", 7}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, sqlite);
  for (std::uint64_t value = 1; value < 20'000'000'000; value = value * 3 + 1)
    latency.record(value);
  recorder.bind_histogram(catalog::operation_duration, {{"error.type", "23505"}}).record(2ms);
  recorder.bind_counter(catalog::connection_timeouts, {{"db.client.connection.pool.name", "p"}})
      .add(3);
  recorder.bind_up_down_counter(catalog::connection_max, {}).add(-4);
  return recorder.collect();
}

void compare_point(const json& data_point, const point& expected, bool exponential) {
  CHECK(attributes_of(data_point.value("attributes", json::array())) == expected.series->labels);
  if (expected.histogram == nullptr) {
    CHECK(data_point.at("asInt") == std::to_string(expected.number));
  } else if (exponential) {
    compare_exponential(data_point, *expected.histogram);
  } else {
    compare_histogram(data_point, *expected.histogram);
  }
}

}  // namespace

TEST_CASE("a collector of another project reads the values of the snapshot, field by field") {
  const bool exponential = GENERATE(false, true);
  const bool gzip = GENERATE(false, true);
  const receiver collector;
  recorder recorder{{.service_name = "chatbot"}};
  const snapshot measured = recorded_snapshot(recorder);
  otlp_exporter exporter{recorder,
                         {.endpoint = collector.url(),
                          .gzip = gzip,
                          .histograms = exponential ? otlp_histograms::exponential
                                                    : otlp_histograms::explicit_bounds}};
  REQUIRE(exporter.flush(10s));
  const auto requests = collector.received("/v1/metrics");
  REQUIRE(requests.size() == 1);
  const attributes resource =
      attributes_of(requests[0].at("resourceMetrics").at(0).at("resource").at("attributes"));
  for (const attribute& item : measured.resource) CHECK(*resource.find(item.key) == item.value);
  CHECK(resource.find("service.instance.id") != nullptr);

  const char* const form = exponential ? "exponentialHistogram" : "histogram";
  for (const auto& [instrument, kind] : {std::pair{&catalog::operation_duration, form},
                                         {&catalog::connection_timeouts, "sum"},
                                         {&catalog::connection_max, "sum"}}) {
    const json* metric = metric_named(requests[0], instrument->name);
    REQUIRE(metric != nullptr);
    CHECK(metric->at("unit") == instrument->unit);
    CHECK(metric->at("description") == instrument->description);
    const json& data = metric->at(kind);
    CHECK(data.at("aggregationTemporality") == 2);
    CHECK(data.value("isMonotonic", false) == (instrument->kind == instrument_kind::counter));
    const auto expected = measured.find(instrument->name);
    REQUIRE(data.at("dataPoints").size() == expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
      CHECK(data["dataPoints"][i].at("startTimeUnixNano") ==
            nanoseconds_of(start_of(expected[i], measured)));
      compare_point(data["dataPoints"][i], expected[i], exponential);
    }
  }
}

TEST_CASE("a partial success that another project encoded is understood") {
  const receiver collector{"2"};
  recorder recorder{{.service_name = "chatbot"}};
  std::vector<std::string> reported;
  otlp_exporter exporter{recorder,
                         {.endpoint = collector.url(),
                          .warn = [&](std::string_view text) { reported.emplace_back(text); }}};
  CHECK_FALSE(exporter.flush(10s));
  CHECK(exporter.dropped() == std::map<std::string, std::uint64_t>{{"rejected", 2}});
  CHECK(reported == std::vector<std::string>{"OTLP metrics: the collector rejected a part: late"});
}

TEST_CASE("over TLS, both sides prove their identity by the files that the variables name") {
  const temporary_folder certificates;
  for (const std::string side : {"server", "client"}) {
    const std::string file = (certificates.path() / side).string();
    const finished made =
        run({"/usr/bin/openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
             "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout",
             file + ".key", "-out", file + ".pem"});
    INFO(made.output);
    REQUIRE(made.exit_code == 0);
  }
  const auto file = [&](const char* name) { return (certificates.path() / name).string(); };
  setenv("TLS_FOLDER", certificates.path().c_str(), 1);
  const receiver collector;
  unsetenv("TLS_FOLDER");
  recorder recorder{{.service_name = "chatbot"}};
  const auto arrives = [&] {
    otlp_exporter exporter{recorder,
                           {.endpoint = collector.url("https"), .warn = [](std::string_view) {}}};
    return exporter.shutdown(2s);
  };

  CHECK_FALSE(arrives());
  setenv("OTEL_EXPORTER_OTLP_CERTIFICATE", file("server.pem").c_str(), 1);
  CHECK_FALSE(arrives());
  setenv("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", file("client.pem").c_str(), 1);
  setenv("OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY", file("client.key").c_str(), 1);
  CHECK(arrives());
  for (const char* name :
       {"OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE",
        "OTEL_EXPORTER_OTLP_METRICS_CLIENT_KEY"}) {
    unsetenv(name);
  }
  CHECK(collector.received("/v1/metrics").size() == 1);
}

TEST_CASE("the example of the README reaches a collector") {
  const receiver collector;
  setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url().c_str(), 1);
  const finished example = run({QUERYTAP_OTLP_EXAMPLE});
  unsetenv("OTEL_EXPORTER_OTLP_ENDPOINT");
  CHECK(example.output == "everything arrived\n");
  CHECK(example.exit_code == 0);
  const auto metrics = collector.received("/v1/metrics");
  REQUIRE(metrics.size() == 1);
  CHECK(metric_named(metrics[0], "db.client.operation.duration") != nullptr);
  const auto logs = collector.received("/v1/logs");
  REQUIRE(logs.size() == 1);
  CHECK(scope_of(logs[0], "resourceLogs", "scopeLogs").at("logRecords").at(0).at("eventName") ==
        "chatbot.started");
}
