// A delivery begins when it is due and is retried until it is settled, as OTLP specifies; lost records are
// counted.

#include <querytap/base/trace_context.hpp>
#include <querytap/snapshot/catalog.hpp>
#include <querytap/testing/capture.hpp>

#include <runtime/otlp/otlp_metrics_pipeline.hpp>
#include <runtime/otlp/otlp_records_pipeline.hpp>

#include <support/fault_server.hpp>
#include <support/gunzip.hpp>
#include <support/otlp_decoder.hpp>

#include <catch2/catch.hpp>

using namespace querytap;
using namespace querytap::detail;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

/// A pipeline's context and a collector, with a time of their own: no test waits.
struct exchange {
  explicit exchange(std::vector<fault> faults, otlp_exporter_options options = {})
      : collector{std::move(faults)} {
    options.endpoint = collector.url();
    settings = otlp_settings_of(
        options, [](const std::string&) { return std::nullopt; }, [](std::string_view) {});
  }

  std::string losses() const {
    std::string text;
    for (const auto& [reason, records] : context.losses.by_reason()) {
      text += reason + '=' + std::to_string(records) + ' ';
    }
    return text;
  }

  /// The times at which a step did anything, in milliseconds since the beginning.
  std::string steps_within(otlp_pipeline& pipeline, std::chrono::nanoseconds duration) {
    std::string times;
    const auto end = time + duration;
    while (pipeline.next() <= end) {
      time = std::max(time, pipeline.next());
      pipeline.step();
      times += std::to_string((time - begin) / 1ms) + ' ';
    }
    time = end;
    return times;
  }

  fault_server collector;
  capture telemetry;
  otlp_settings settings;
  const otlp_context::time_point begin{1h};
  otlp_context::time_point time = begin;
  std::string warnings;
  otlp_context context{
      .recorder = telemetry.recorder(),
      .settings = settings,
      .resource = {{"service.name", "chatbot"}},
      .exporter_number = 0,
      .clock = [this] { return time; },
      .pause_until =
          [this](otlp_context::time_point until) {
            time = std::max(time, until);
            return true;
          },
      .warn = once_only{[this](std::string_view text) { warnings += std::string{text} + '\n'; }}};
};

fault reply_with_retry_after(int status, const std::string& when) {
  return reply(status, "Retry-After: " + when + "\r\n");
}

std::string http_date(std::chrono::system_clock::time_point when) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(when);
  char text[64];
  std::tm parts{};
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", gmtime_r(&seconds, &parts));
  return text;
}

/// The values of `as_int` and `sum` of one metric, as protoc reads them.
std::string values_of(const std::string& metric, const received_request& request) {
  const std::string text = read_by_protoc(otlp_signal::metrics, request.body);
  auto at = text.find("name: \"" + metric + '"');
  if (at == std::string::npos) return "absent";
  const auto end = text.find("    metrics {", at);
  std::string values;
  while ((at = text.find("as_int: ", at)) < end) {
    at += 8;
    values += text.substr(at, text.find('\n', at) - at) + ' ';
  }
  return values;
}

log_record log_of(const std::string& body) { return {.body = body}; }

using log_pipeline = otlp_records_pipeline<log_record>;

std::string bodies_of(const received_request& request) {
  const std::string text = read_by_protoc(otlp_signal::logs, request.body);
  std::string bodies;
  for (std::size_t at = 0; (at = text.find("body {\n", at)) != std::string::npos;) {
    at = text.find('"', at) + 1;
    bodies += text.substr(at, text.find('"', at) - at) + ' ';
  }
  return bodies;
}

}  // namespace

TEST_CASE("metrics are sent once in an interval, to their path, as the route says") {
  exchange exchange{{reply(200)}, {.headers = {{{"api-key", "k"}}}, .interval = 10s}};
  otlp_metrics_pipeline pipeline{exchange.context};
  CHECK(exchange.steps_within(pipeline, 35s) == "10000 20000 30000 ");
  const auto requests = exchange.collector.wait_for(3);
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].path == "/v1/metrics");
  CHECK(requests[0].headers.at("content-type") == "application/x-protobuf");
  CHECK(requests[0].headers.at("api-key") == "k");
  CHECK(requests[0].headers.at("user-agent").starts_with("querytap-OTLP-Exporter-Cpp/"));
  CHECK(requests[0].headers.contains("content-encoding") == false);
  CHECK(requests[0].headers.contains("expect") == false);
  CHECK(values_of("querytap.lanes", requests[0]) != "absent");
  CHECK(exchange.losses() == "");
  CHECK(exchange.warnings == "");
}

TEST_CASE("JSON and gzip have the content of plain protobuf") {
  exchange plain{{reply(200)}, {.interval = 1s}};
  exchange packed{{reply(200)}, {.encoding = otlp_encoding::json, .gzip = true, .interval = 1s}};
  otlp_metrics_pipeline first{plain.context};
  otlp_metrics_pipeline second{packed.context};
  plain.steps_within(first, 1s);
  packed.steps_within(second, 1s);
  const received_request protobuf = plain.collector.wait_for(1).at(0);
  const received_request json = packed.collector.wait_for(1).at(0);
  CHECK(json.headers.at("content-type") == "application/json");
  CHECK(json.headers.at("content-encoding") == "gzip");
  std::string expected = read_by_protoc(otlp_signal::metrics, protobuf.body);
  std::string read = read_by_protoc(
      otlp_signal::metrics, protobuf_by_javascript(otlp_signal::metrics, gunzip(json.body)));
  // Only the names of the exporters and the times differ.
  const auto lines = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  CHECK(lines(read) == lines(expected));
  CHECK(read.find("otlp_http_json_metric_exporter/0") != std::string::npos);
}

TEST_CASE("a collector that asks for time gets it, in seconds or as a date, and the same request") {
  const bool as_date = GENERATE(false, true);
  exchange exchange{{reply_with_retry_after(
                         429, as_date ? http_date(std::chrono::system_clock::now() + 5s) : "5"),
                     reply(200)},
                    {.interval = 60s}};
  otlp_metrics_pipeline pipeline{exchange.context};
  const std::string steps = exchange.steps_within(pipeline, 70s);
  if (as_date) {
    CHECK((steps == "60000 65000 " || steps == "60000 64000 "));
  } else {
    CHECK(steps == "60000 65000 ");
  }
  const auto requests = exchange.collector.wait_for(2);
  REQUIRE(requests.size() == 2);
  CHECK(requests[0].body == requests[1].body);
  CHECK(exchange.losses() == "");
  CHECK(
      exchange.telemetry.text("otel.sdk.exporter.metric_data_point.inflight").ends_with("value=0"));
}

TEST_CASE(
    "requests to a collector in trouble are retried after longer and longer waits, until time is "
    "up") {
  const int status = GENERATE(429, 502, 503, 504);
  exchange exchange{{reply(status)}, {.timeout = 10s, .interval = 60s}};
  otlp_metrics_pipeline pipeline{exchange.context};
  exchange.steps_within(pipeline, 80s);
  // Waits of 1, 2, 4 and 8 s, or down to half of that.
  const std::size_t tries = exchange.collector.requests().size();
  CHECK(tries >= 4);
  CHECK(tries <= 5);
  CHECK(exchange.losses().starts_with(std::to_string(status) + '='));
  CHECK(exchange.warnings == "OTLP metrics: " + std::to_string(status) + '\n');
}

TEST_CASE("a request on a lost connection is retried too") {
  const auto kind = GENERATE(fault::kind::close, fault::kind::reset);
  exchange exchange{{{kind}, reply(200)}, {.interval = 60s}};
  otlp_metrics_pipeline pipeline{exchange.context};
  exchange.steps_within(pipeline, 80s);
  CHECK(exchange.collector.requests().size() == 2);
  CHECK(exchange.losses() == "");
}

TEST_CASE("a log record that had no answer is sent once, and counted as lost") {
  const auto kind = GENERATE(fault::kind::close, fault::kind::reset);
  exchange exchange{{reply(200), {kind}, reply(200)}};
  log_pipeline pipeline{otlp_signal::logs, exchange.context, [] {}};
  for (const char* body : {"a", "b", "c"}) {
    CHECK(pipeline.push(log_of(body)));
    exchange.steps_within(pipeline, 60s);
  }
  const auto requests = exchange.collector.requests();
  REQUIRE(requests.size() == 3);
  CHECK(bodies_of(requests[0]) == "a ");
  CHECK(bodies_of(requests[1]) == "b ");
  CHECK(bodies_of(requests[2]) == "c ");
  CHECK(exchange.losses() == "no_answer=1 ");
  CHECK(exchange.warnings == "OTLP logs: no_answer\n");
}

TEST_CASE("a span that had no answer is sent once, and counted as lost") {
  exchange exchange{{reply(200), {fault::kind::close}, reply(200)}};
  otlp_records_pipeline<span_record> pipeline{otlp_signal::traces, exchange.context, [] {}};
  const span_record span{
      .self = *trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
      .name = "SELECT documents"};
  for (int i = 0; i < 3; ++i) {
    CHECK(pipeline.push(span));
    exchange.steps_within(pipeline, 60s);
  }
  CHECK(exchange.collector.requests().size() == 3);
  CHECK(exchange.losses() == "no_answer=1 ");
}

TEST_CASE("deltas that had no answer are sent once, and totals until there is an answer") {
  const auto temporality = GENERATE(otlp_temporality::delta, otlp_temporality::cumulative);
  const bool is_delta = temporality == otlp_temporality::delta;
  exchange exchange{{reply(200), {fault::kind::close}, reply(200)},
                    {.interval = 30s, .temporality = temporality}};
  otlp_metrics_pipeline pipeline{exchange.context};
  const counter timeouts =
      exchange.telemetry.recorder().bind_counter(catalog::connection_timeouts, {});
  for (const int amount : {3, 4, 5}) {
    timeouts.add(static_cast<std::uint64_t>(amount));
    exchange.steps_within(pipeline, 30s);
  }
  std::string received;
  for (const received_request& request : exchange.collector.requests()) {
    received += values_of("db.client.connection.timeouts", request);
  }
  CHECK(received == (is_delta ? "3 4 5 " : "3 7 7 12 "));
  CHECK(exchange.losses().starts_with("no_answer=") == is_delta);
}

TEST_CASE("a request that the collector refuses is never retried") {
  const int status = GENERATE(400, 401, 404, 413, 500, 307);
  exchange exchange{{reply(status, "Content-Type: application/json\r\n", R"({"message":"no"})")},
                    {.interval = 60s}};
  otlp_metrics_pipeline pipeline{exchange.context};
  CHECK(exchange.steps_within(pipeline, 119s) == "60000 ");
  CHECK(exchange.collector.requests().size() == 1);
  CHECK(exchange.losses().starts_with(std::to_string(status) + '='));
  CHECK(exchange.warnings == "OTLP metrics: " + std::to_string(status) + ": no\n");
}

TEST_CASE("records that a partial success rejects are counted, and not sent again") {
  exchange exchange{
      {reply(200, "Content-Type: application/json\r\n",
             R"({"partialSuccess":{"rejectedDataPoints":"2","errorMessage":"late"}})")},
      {.interval = 60s}};
  otlp_metrics_pipeline pipeline{exchange.context};
  CHECK(exchange.steps_within(pipeline, 119s) == "60000 ");
  CHECK(exchange.losses() == "rejected=2 ");
  CHECK(exchange.warnings == "OTLP metrics: the collector rejected a part: late\n");
  const std::string exported =
      exchange.telemetry.text("otel.sdk.exporter.metric_data_point.exported");
  CHECK(exported.find("error.type=rejected otel.component.name=otlp_http_metric_exporter/0 "
                      "otel.component.type=otlp_http_metric_exporter value=2") !=
        std::string::npos);
}

TEST_CASE("a wait longer than a request may take silences the signal for as long") {
  exchange exchange{{reply_with_retry_after(503, "100"), reply(200)},
                    {.timeout = 10s, .interval = 30s}};
  otlp_metrics_pipeline pipeline{exchange.context};
  CHECK(exchange.steps_within(pipeline, 135s) == "30000 130000 ");
  CHECK(exchange.losses().starts_with("503="));
}

TEST_CASE("deltas that could not be sent are in the next request") {
  exchange exchange{{reply_with_retry_after(503, "20"), reply(200)},
                    {.timeout = 1s, .interval = 30s, .temporality = otlp_temporality::delta}};
  otlp_metrics_pipeline pipeline{exchange.context};
  const counter timeouts =
      exchange.telemetry.recorder().bind_counter(catalog::connection_timeouts, {});
  for (const int amount : {3, 4, 5}) {
    timeouts.add(static_cast<std::uint64_t>(amount));
    exchange.steps_within(pipeline, 30s);
  }
  const auto requests = exchange.collector.wait_for(3);
  REQUIRE(requests.size() == 3);
  CHECK(values_of("db.client.connection.timeouts", requests[0]) == "3 ");
  CHECK(values_of("db.client.connection.timeouts", requests[1]) == "7 ");
  CHECK(values_of("db.client.connection.timeouts", requests[2]) == "5 ");
}

TEST_CASE("deltas that the collector refused are not sent again") {
  exchange exchange{{reply(400), reply(200)},
                    {.interval = 30s, .temporality = otlp_temporality::delta}};
  otlp_metrics_pipeline pipeline{exchange.context};
  const counter timeouts =
      exchange.telemetry.recorder().bind_counter(catalog::connection_timeouts, {});
  for (const int amount : {3, 4}) {
    timeouts.add(static_cast<std::uint64_t>(amount));
    exchange.steps_within(pipeline, 30s);
  }
  CHECK(values_of("db.client.connection.timeouts", exchange.collector.wait_for(2).at(1)) == "4 ");
}

TEST_CASE("log records wait for others, up to a batch or a second") {
  exchange exchange{{reply(200)}};
  exchange.settings.routes[1].batch = 3;
  int wakes = 0;
  log_pipeline pipeline{otlp_signal::logs, exchange.context, [&] { ++wakes; }};
  CHECK(pipeline.next() == otlp_context::time_point::max());
  CHECK(pipeline.push(log_of("a")));
  CHECK(pipeline.push(log_of("b")));
  CHECK(wakes == 1);
  CHECK(exchange.steps_within(pipeline, 3s) == "1000 ");
  for (const char* body : {"c", "d", "e", "f"}) CHECK(pipeline.push(log_of(body)));
  CHECK(wakes == 3);
  CHECK(exchange.steps_within(pipeline, 3s) == "3000 4000 ");
  const auto requests = exchange.collector.wait_for(3);
  REQUIRE(requests.size() == 3);
  CHECK(requests[0].path == "/v1/logs");
  CHECK(bodies_of(requests[0]) == "a b ");
  CHECK(bodies_of(requests[1]) == "c d e ");
  CHECK(bodies_of(requests[2]) == "f ");
  CHECK(exchange.losses() == "");
}

TEST_CASE("log records outlast an outage in their queue; those that do not fit are counted") {
  exchange exchange{{reply(503), reply(503), reply(200)}, {.timeout = 100ms}};
  exchange.settings.routes[1].queue = 4;
  log_pipeline pipeline{otlp_signal::logs, exchange.context, [] {}};
  for (const char* body : {"a", "b", "c"}) CHECK(pipeline.push(log_of(body)));
  CHECK(exchange.steps_within(pipeline, 1500ms) == "1000 ");
  CHECK(pipeline.push(log_of("d")));
  CHECK_FALSE(pipeline.push(log_of("e")));
  CHECK(exchange.losses() == "queue_full=1 ");
  CHECK(exchange.telemetry.text("otel.sdk.processor.log.queue.size").ends_with("value=4"));
  exchange.steps_within(pipeline, 10s);
  const auto requests = exchange.collector.wait_for(3);
  REQUIRE(requests.size() == 3);
  CHECK(bodies_of(requests[2]) == "a b c d ");
  CHECK(exchange.losses() == "queue_full=1 ");
  CHECK(exchange.telemetry.text("otel.sdk.processor.log.queue.size").ends_with("value=0"));
  const std::string processed = exchange.telemetry.text("otel.sdk.processor.log.processed");
  CHECK(processed.find("error.type=queue_full otel.component.name=batching_log_processor/0 "
                       "otel.component.type=batching_log_processor value=1") != std::string::npos);
  CHECK(processed.ends_with("otel.component.type=batching_log_processor value=4"));
}

TEST_CASE("a request larger than OTLP allows is not sent") {
  exchange exchange{{reply(200)}};
  log_pipeline pipeline{otlp_signal::logs, exchange.context, [] {}};
  CHECK(pipeline.push(log_of(std::string(std::size_t{65} << 20, 'a'))));
  CHECK(exchange.steps_within(pipeline, 3s) == "1000 ");
  CHECK(exchange.losses() == "request_too_large=1 ");
  CHECK(exchange.collector.requests().empty());
}

TEST_CASE("a drain sends everything at once") {
  exchange exchange{{reply(200)}};
  exchange.settings.routes[1].batch = 2;
  log_pipeline pipeline{otlp_signal::logs, exchange.context, [] {}};
  for (const char* body : {"a", "b", "c"}) CHECK(pipeline.push(log_of(body)));
  CHECK(pipeline.drain(exchange.time + 5s, false));
  CHECK(exchange.collector.requests().size() == 2);
  CHECK(pipeline.drain(exchange.time + 5s, true));
  CHECK(exchange.collector.requests().size() == 2);
}

TEST_CASE(
    "the last drain counts what it leaves, and does not wait for a collector that cannot be "
    "reached") {
  exchange exchange{{reply(503)}};
  log_pipeline pipeline{otlp_signal::logs, exchange.context, [] {}};
  for (const char* body : {"a", "b", "c"}) CHECK(pipeline.push(log_of(body)));
  CHECK_FALSE(pipeline.drain(exchange.time + 500ms, true));
  CHECK(exchange.losses() == "shutdown=3 ");

  exchange.settings.routes[1].target.url = "http://127.0.0.1:1/v1/logs";
  CHECK(pipeline.push(log_of("d")));
  const auto before = exchange.time;
  CHECK_FALSE(pipeline.drain(exchange.time + 500s, true));
  CHECK(exchange.time == before);
  CHECK(exchange.losses() == "shutdown=4 ");
}

TEST_CASE("how long exports take and how they end is measured") {
  exchange exchange{{reply(400), reply(200)}, {.interval = 60s}};
  otlp_metrics_pipeline pipeline{exchange.context};
  exchange.steps_within(pipeline, 120s);
  CHECK(exchange.telemetry.text("otel.sdk.exporter.operation.duration") ==
        "error.type=400 http.response.status_code=400 "
        "otel.component.name=otlp_http_metric_exporter/0 "
        "otel.component.type=otlp_http_metric_exporter count=1 sum=0 (0,0]=1\n"
        "http.response.status_code=200 otel.component.name=otlp_http_metric_exporter/0 "
        "otel.component.type=otlp_http_metric_exporter count=1 sum=0 (0,0]=1");
}
