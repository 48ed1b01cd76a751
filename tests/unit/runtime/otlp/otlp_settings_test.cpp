// An exporter goes by its options, then by the variables of the signal, then by the general ones;
// what cannot be used is warned of once and counts as unset.

#include <querytap/base/error.hpp>

#include <runtime/otlp/otlp_settings.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <limits>
#include <map>

using namespace querytap;
using namespace querytap::detail;
using namespace std::chrono_literals;

namespace {

struct outcome_of_settings {
  otlp_settings settings;
  std::string warnings;
};

outcome_of_settings settings_with(const std::map<std::string, std::string>& variables,
                                  const otlp_exporter_options& options = {}) {
  outcome_of_settings result;
  result.settings = otlp_settings_of(
      options,
      [&](const std::string& name) -> std::optional<std::string> {
        const auto found = variables.find(name);
        return found == variables.end() ? std::nullopt : std::optional{found->second};
      },
      [&](std::string_view text) { result.warnings += std::string{text} + '\n'; });
  return result;
}

std::string text(const http_target& target) {
  std::string result = target.url;
  for (const std::string& header : target.headers) result += " [" + header + ']';
  if (!target.certificate.empty()) result += " ca=" + target.certificate;
  if (!target.client_certificate.empty()) result += " cert=" + target.client_certificate;
  if (!target.client_key.empty()) result += " key=" + target.client_key;
  return result;
}

std::string text(const otlp_route& route) {
  if (!route.enabled) return "off";
  return text(route.target) + (route.encoding == otlp_encoding::json ? " json" : " protobuf") +
         (route.gzip ? " gzip " : " ") + std::to_string(route.timeout.count()) + "ms";
}

std::string text(const otlp_settings& settings) {
  std::string result;
  for (const otlp_route& route : settings.routes) result += text(route) + '\n';
  return result;
}

std::string metrics_with(const std::map<std::string, std::string>& variables,
                         const otlp_exporter_options& options = {}) {
  const auto [settings, warnings] = settings_with(variables, options);
  return text(settings.route(otlp_signal::metrics)) + (warnings.empty() ? "" : '\n' + warnings);
}

const std::string by_default = "http://localhost:4318/v1/metrics protobuf 10000ms";

std::string ignored(std::string_view warning) {
  return by_default + '\n' + std::string{warning} + '\n';
}

}  // namespace

TEST_CASE("with nothing set, everything goes to the port of OTLP on this machine") {
  const auto [settings, warnings] = settings_with({});
  CHECK(text(settings) ==
        "http://localhost:4318/v1/metrics protobuf 10000ms\n"
        "http://localhost:4318/v1/logs protobuf 10000ms\n"
        "http://localhost:4318/v1/traces protobuf 10000ms\n");
  CHECK(warnings == "");
  CHECK(settings.interval == 60s);
  CHECK(settings.metrics.temporality == otlp_temporality::cumulative);
  CHECK(settings.metrics.histograms == otlp_histograms::explicit_bounds);
  CHECK(settings.metrics.exemplars);
  CHECK(settings.limits.attribute_count == 128);
  CHECK(settings.limits.attribute_length == std::numeric_limits<std::size_t>::max());
  CHECK(settings.route(otlp_signal::traces).delay == 5s);
  CHECK(settings.route(otlp_signal::logs).delay == 1s);
  CHECK(settings.route(otlp_signal::logs).queue == 2048);
  CHECK(settings.route(otlp_signal::logs).batch == 512);
}

TEST_CASE("a variable that is empty or blank is unset") {
  CHECK(metrics_with({{"OTEL_EXPORTER_OTLP_ENDPOINT", ""},
                      {"OTEL_EXPORTER_OTLP_TIMEOUT", " \t"},
                      {"OTEL_METRICS_EXPORTER", ""}}) == by_default);
}

TEST_CASE("the paths of the signals are added to the general endpoint") {
  const auto url = [](const char* endpoint) {
    return settings_with({{"OTEL_EXPORTER_OTLP_ENDPOINT", endpoint}})
        .settings.route(otlp_signal::logs)
        .target.url;
  };
  CHECK(url("http://collector") == "http://collector/v1/logs");
  CHECK(url("http://collector:4318") == "http://collector:4318/v1/logs");
  CHECK(url("https://collector/base") == "https://collector/base/v1/logs");
  CHECK(url("https://collector/base/") == "https://collector/base/v1/logs");
  CHECK(url(" http://[::1]:4318/ ") == "http://[::1]:4318/v1/logs");
  CHECK(url("HTTP://collector:80") == "http://collector:80/v1/logs");
}

TEST_CASE("the endpoint of a signal is used as it is, and comes before the general one") {
  const auto url = [](const char* endpoint) {
    return settings_with({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://general:1"},
                          {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", endpoint}})
        .settings.route(otlp_signal::traces)
        .target.url;
  };
  CHECK(url("http://own") == "http://own/");
  CHECK(url("https://own/some/path") == "https://own/some/path");
  CHECK(url("https://own/some/path/") == "https://own/some/path/");
  CHECK(url("") == "http://general:1/v1/traces");
}

TEST_CASE(
    "an endpoint that is not a URL of HTTP causes a warning without its text, which may have a "
    "password") {
  for (const char* endpoint : {"collector:4318", "ftp://user:secret@collector", "http://",
                               "http://a b", "/v1", "http://collector:99999", "grpc://collector"}) {
    CHECK(metrics_with({{"OTEL_EXPORTER_OTLP_ENDPOINT", endpoint}}) ==
          ignored("OTEL_EXPORTER_OTLP_ENDPOINT is ignored: expected an http or https URL"));
  }
  CHECK(metrics_with({{"OTEL_EXPORTER_OTLP_ENDPOINT", "http://general:1"},
                      {"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "own:1"}}) ==
        "http://general:1/v1/metrics protobuf 10000ms\n"
        "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT is ignored: expected an http or https URL\n");
}

TEST_CASE("every variable of a signal comes before the general one") {
  std::map<std::string, std::string> variables;
  for (const std::string form : {"", "METRICS_"}) {
    const bool own = !form.empty();
    variables["OTEL_EXPORTER_OTLP_" + form + "HEADERS"] = own ? "who=own" : "who=general,more=1";
    variables["OTEL_EXPORTER_OTLP_" + form + "TIMEOUT"] = own ? "1" : "2";
    variables["OTEL_EXPORTER_OTLP_" + form + "COMPRESSION"] = own ? "gzip" : "none";
    variables["OTEL_EXPORTER_OTLP_" + form + "PROTOCOL"] = own ? "http/json" : "http/protobuf";
    variables["OTEL_EXPORTER_OTLP_" + form + "CERTIFICATE"] = own ? "/dev/null" : "/etc/passwd";
    variables["OTEL_EXPORTER_OTLP_" + form + "CLIENT_KEY"] = own ? "/dev/zero" : "/etc/passwd";
    variables["OTEL_EXPORTER_OTLP_" + form + "CLIENT_CERTIFICATE"] =
        own ? "/dev/random" : "/etc/passwd";
  }
  const auto [settings, warnings] = settings_with(variables);
  CHECK(warnings == "");
  CHECK(text(settings) ==
        "http://localhost:4318/v1/metrics [who: own] ca=/dev/null cert=/dev/random key=/dev/zero "
        "json gzip 1ms\n"
        "http://localhost:4318/v1/logs [more: 1] [who: general] ca=/etc/passwd cert=/etc/passwd "
        "key=/etc/passwd protobuf 2ms\n"
        "http://localhost:4318/v1/traces [more: 1] [who: general] ca=/etc/passwd cert=/etc/passwd "
        "key=/etc/passwd protobuf 2ms\n");
}

TEST_CASE("headers are decoded, and none can begin another or end the request") {
  const auto headers = [](const char* list) {
    return metrics_with({{"OTEL_EXPORTER_OTLP_HEADERS", list}});
  };
  CHECK(headers("api-key=a%20b%3D, x = 1 ,,empty=") ==
        "http://localhost:4318/v1/metrics [api-key: a b=] [empty;] [x: 1] protobuf 10000ms");
  for (const char* list :
       {"key", "=value", "a b=1", "key=%0d%0aHost: evil", "key=%zz", "key=%1", "key=a%00b",
        "good=1,b\xC3\xA4"
        "d=2"}) {
    CHECK(headers(list) == ignored("OTEL_EXPORTER_OTLP_HEADERS is ignored: expected "
                                   "key=value,key=value with values that HTTP allows"));
  }
}

TEST_CASE("numbers and words that cannot be used cause a warning with their text") {
  const auto bad = [](const char* name, const char* value) {
    return metrics_with({{name, value}});
  };
  for (const char* number :
       {"-1", "1.5", "10s", "abc", "99999999999999999999", "0x10", "2147483648"}) {
    CHECK(bad("OTEL_EXPORTER_OTLP_TIMEOUT", number) ==
          ignored("OTEL_EXPORTER_OTLP_TIMEOUT='" + std::string{number} +
                  "' is ignored: expected a whole number from 0 to 2147483647"));
  }
  CHECK(bad("OTEL_METRIC_EXPORT_INTERVAL", "0") ==
        ignored("OTEL_METRIC_EXPORT_INTERVAL='0' is ignored: expected a whole number from 1 to "
                "2147483647"));
  CHECK(bad("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc") ==
        ignored(
            "OTEL_EXPORTER_OTLP_PROTOCOL='grpc' is ignored: expected http/protobuf or http/json"));
  CHECK(bad("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "zstd") ==
        ignored("OTEL_EXPORTER_OTLP_METRICS_COMPRESSION='zstd' is ignored: expected gzip or none"));
  CHECK(bad("OTEL_EXPORTER_OTLP_CERTIFICATE", "/nowhere/ca.pem") ==
        ignored("OTEL_EXPORTER_OTLP_CERTIFICATE='/nowhere/ca.pem' is ignored: expected a file that "
                "can be read"));
  CHECK(bad("OTEL_METRICS_EXPORTER", "otlp,carrier-pigeon") ==
        ignored("OTEL_METRICS_EXPORTER='otlp,carrier-pigeon' is ignored: expected otlp, prometheus "
                "or none"));
  CHECK(bad("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "both") ==
        ignored("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE='both' is ignored: expected "
                "cumulative, delta or lowmemory"));
  CHECK(bad("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION", "summary") ==
        ignored("OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION='summary' is ignored: "
                "expected explicit_bucket_histogram or base2_exponential_bucket_histogram"));
  CHECK(
      bad("OTEL_METRICS_EXEMPLAR_FILTER", "some") ==
      ignored("OTEL_METRICS_EXEMPLAR_FILTER='some' is ignored: expected trace_based, always_on or "
              "always_off"));
  CHECK(
      bad("OTEL_BSP_MAX_QUEUE_SIZE", "0") ==
      ignored("OTEL_BSP_MAX_QUEUE_SIZE='0' is ignored: expected a whole number from 1 to 1048576"));
  CHECK(bad("OTEL_CONFIG_FILE", "otel.yaml") ==
        ignored("OTEL_CONFIG_FILE is ignored: expected the other variables: files are not read"));
}

TEST_CASE("a warning is one line of text, however long and strange the value is") {
  const std::string strange = "a\n\x1B[31m\xFF" + std::string(100, 'b');
  CHECK(metrics_with({{"OTEL_EXPORTER_OTLP_TIMEOUT", strange}}) ==
        ignored("OTEL_EXPORTER_OTLP_TIMEOUT='a??[31m?" + std::string(72, 'b') +
                "...' is ignored: expected a whole number from 0 to 2147483647"));
}

TEST_CASE("a timeout of 0 is none, and the shorter of two counts") {
  CHECK(metrics_with({{"OTEL_EXPORTER_OTLP_TIMEOUT", "0"}}) ==
        "http://localhost:4318/v1/metrics protobuf 30000ms");
  CHECK(metrics_with({{"OTEL_EXPORTER_OTLP_TIMEOUT", "0"}, {"OTEL_METRIC_EXPORT_TIMEOUT", "0"}}) ==
        "http://localhost:4318/v1/metrics protobuf 0ms");
  CHECK(metrics_with({{"OTEL_METRIC_EXPORT_TIMEOUT", "700"}}) ==
        "http://localhost:4318/v1/metrics protobuf 700ms");
  CHECK(metrics_with({}, {.timeout = 0ms}) == "http://localhost:4318/v1/metrics protobuf 0ms");
  CHECK(metrics_with({}, {.timeout = 1h}) == "http://localhost:4318/v1/metrics protobuf 3600000ms");
}

TEST_CASE("a signal whose exporters do not name OTLP is not sent") {
  CHECK(metrics_with({{"OTEL_METRICS_EXPORTER", "none"}}) == "off");
  CHECK(metrics_with({{"OTEL_METRICS_EXPORTER", "prometheus"}}) == "off");
  CHECK(metrics_with({{"OTEL_METRICS_EXPORTER", "prometheus, OTLP"}}) == by_default);
  CHECK(text(settings_with({{"OTEL_TRACES_EXPORTER", "none"}, {"OTEL_LOGS_EXPORTER", "console"}})
                 .settings) == by_default + "\noff\noff\n");
}

TEST_CASE("an exporter that is not in the library is warned of, with what becomes of the signal") {
  const auto warnings = [](const char* variable, const char* value) {
    return settings_with({{variable, value}}).warnings;
  };
  CHECK(warnings("OTEL_LOGS_EXPORTER", "console") ==
        "OTEL_LOGS_EXPORTER='console': of OpenTelemetry's exporters only otlp is in this library; "
        "logs are not sent\n");
  for (const char* value : {"console", "Logging", "otlp/stdout", "none,console"}) {
    for (const std::string signal : {"METRICS", "LOGS", "TRACES"}) {
      const auto [settings, warned] = settings_with({{"OTEL_" + signal + "_EXPORTER", value}});
      CAPTURE(signal, value);
      CHECK_THAT(warned, Catch::Contains("_EXPORTER='" + std::string{value} + "': ") &&
                             Catch::EndsWith(" are not sent\n"));
      const auto off = std::ranges::count(settings.routes, false, &otlp_route::enabled);
      CHECK(off == 1);
    }
  }
  CHECK(warnings("OTEL_TRACES_EXPORTER", "otlp,zipkin") ==
        "OTEL_TRACES_EXPORTER='otlp,zipkin': of OpenTelemetry's exporters only otlp is in this "
        "library; traces are sent by OTLP alone\n");
  CHECK(warnings("OTEL_TRACES_EXPORTER", "none") == "");
  CHECK(warnings("OTEL_METRICS_EXPORTER", "prometheus") == "");
  for (const std::string signal : {"LOGS", "TRACES"}) {
    const auto [settings, warned] = settings_with({{"OTEL_" + signal + "_EXPORTER", "prometheus"}});
    CHECK(warned ==
          "OTEL_" + signal + "_EXPORTER='prometheus' is ignored: expected otlp or none\n");
    CHECK(std::ranges::all_of(settings.routes, &otlp_route::enabled));
  }
}

TEST_CASE("metrics, batches and limits follow their variables") {
  const auto [settings, warnings] =
      settings_with({{"OTEL_METRIC_EXPORT_INTERVAL", "5000"},
                     {"OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", "LowMemory"},
                     {"OTEL_EXPORTER_OTLP_METRICS_DEFAULT_HISTOGRAM_AGGREGATION",
                      "base2_exponential_bucket_histogram"},
                     {"OTEL_METRICS_EXEMPLAR_FILTER", "always_off"},
                     {"OTEL_BSP_SCHEDULE_DELAY", "1"},
                     {"OTEL_BSP_EXPORT_TIMEOUT", "2"},
                     {"OTEL_BSP_MAX_QUEUE_SIZE", "3"},
                     {"OTEL_BLRP_SCHEDULE_DELAY", "4"},
                     {"OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "5"},
                     {"OTEL_ATTRIBUTE_COUNT_LIMIT", "6"},
                     {"OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT", "7"}});
  CHECK(warnings == "");
  CHECK(settings.interval == 5s);
  CHECK(settings.metrics.temporality == otlp_temporality::delta);
  CHECK(settings.metrics.histograms == otlp_histograms::exponential);
  CHECK_FALSE(settings.metrics.exemplars);
  const otlp_route& traces = settings.route(otlp_signal::traces);
  CHECK(traces.delay == 1ms);
  CHECK(traces.timeout == 2ms);
  CHECK(traces.queue == 3);
  CHECK(traces.batch == 3);
  CHECK(settings.route(otlp_signal::logs).delay == 4ms);
  CHECK(settings.route(otlp_signal::logs).batch == 5);
  CHECK(settings.limits.attribute_count == 6);
  CHECK(settings.limits.attribute_length == 7);
}

TEST_CASE("a batch that is larger than its queue causes a warning") {
  const auto [settings, warnings] = settings_with(
      {{"OTEL_BSP_MAX_QUEUE_SIZE", "100"}, {"OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "101"}});
  CHECK(warnings ==
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE='101' is ignored: expected at most what the queue holds\n");
  CHECK(settings.route(otlp_signal::traces).batch == 100);
}

TEST_CASE("an option comes before every variable") {
  CHECK(metrics_with({{"OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", "http://own:1/path"},
                      {"OTEL_EXPORTER_OTLP_METRICS_HEADERS", "a=b"},
                      {"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", "1"},
                      {"OTEL_EXPORTER_OTLP_METRICS_COMPRESSION", "none"},
                      {"OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "http/protobuf"}},
                     {.endpoint = "https://code:2",
                      .encoding = otlp_encoding::json,
                      .gzip = true,
                      .headers = {{{"key", "100 %, sure"}}},
                      .timeout = 7ms}) ==
        "https://code:2/v1/metrics [key: 100 %, sure] json gzip 7ms");
}

TEST_CASE("an option that cannot be used is refused with its name, and no secret") {
  const auto refusal = [](const otlp_exporter_options& options) -> std::string {
    try {
      static_cast<void>(settings_with({}, options));
    } catch (const configuration_error& error) {
      return error.what();
    }
    return "taken";
  };
  CHECK(refusal({.endpoint = "ftp://user:secret@collector"}) ==
        "querytap: option 'endpoint' = '…': expected an http or https URL");
  CHECK(refusal({.headers = {{{"key", "secret\r\nHost: evil"}}}}) ==
        "querytap: option 'headers' = 'key': not a header of HTTP");
  CHECK(refusal({.headers = {{{"a b", "1"}}}}) ==
        "querytap: option 'headers' = 'a b': not a header of HTTP");
  CHECK(refusal({.timeout = -1ms}) ==
        "querytap: option 'timeout' = '-1 ms': expected at least 0 ms");
  CHECK(refusal({.interval = 0ms}) ==
        "querytap: option 'interval' = '0 ms': expected at least 1 ms");
  CHECK(refusal({.shutdown_timeout = -1ms}) ==
        "querytap: option 'shutdown_timeout' = '-1 ms': expected at least 0 ms");
}
