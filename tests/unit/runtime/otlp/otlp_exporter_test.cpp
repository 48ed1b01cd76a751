// An exporter sends from a thread of its own, and ends within its deadline.

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/otlp/otlp_exporter.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <support/fault_server.hpp>
#include <support/sanitizer.hpp>
#include <unit/runtime/otlp/otlp_collector.hpp>

#include <catch2/catch.hpp>

#include <algorithm>
#include <chrono>
#include <cstdlib>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

using std::chrono::steady_clock;

const span_record span{
    .self = *trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    .name = "SELECT documents",
    .kind = span_kind::client};

/// For scheduling under a sanitizer on a busy machine.
constexpr auto grace = under_sanitizer ? 500ms : 10ms;

template <class Body>
steady_clock::duration time_of(Body body) {
  const auto begin = steady_clock::now();
  body();
  return steady_clock::now() - begin;
}

/// The shortest of up to five attempts: while another one lasted, the machine may have had other things to do.
template <class Attempt>
steady_clock::duration shortest(steady_clock::duration enough, Attempt attempt) {
  steady_clock::duration found = attempt();
  for (int others = 4; others > 0 && found >= enough; --others) found = std::min(found, attempt());
  return found;
}

}  // namespace

TEST_CASE("a flush sends metrics, log records and spans to their paths") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  recorder.bind_histogram(catalog::operation_duration, {}).record(2ms);
  otlp_exporter exporter{recorder, options_for(collector)};
  CHECK(exporter.send(log_record{.body = "slow"}));
  CHECK(exporter.send(span));
  CHECK(exporter.flush(10s));
  CHECK(count_by_path(collector.requests()) == "/v1/logs=1 /v1/metrics=1 /v1/traces=1 ");
  CHECK(exporter.dropped().empty());
}

TEST_CASE("metrics are sent without a flush, interval after interval") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter_options options = options_for(collector);
  options.interval = 5ms;
  const otlp_exporter exporter{recorder, options};
  CHECK(collector.wait_for(3).size() >= 3);
}

TEST_CASE("log records and spans are sent without a flush once there are enough") {
  setenv("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "2", 1);
  setenv("OTEL_BLRP_SCHEDULE_DELAY", "1000000", 1);
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, options_for(collector)};
  unsetenv("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE");
  unsetenv("OTEL_BLRP_SCHEDULE_DELAY");
  CHECK(exporter.send(log_record{.body = "a"}));
  CHECK(exporter.send(log_record{.body = "b"}));
  CHECK(collector.wait_for(1).size() == 1);
}

TEST_CASE("the destructor sends what is left") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  {
    otlp_exporter exporter{recorder, options_for(collector)};
    CHECK(exporter.send(log_record{.body = "slow"}));
  }
  CHECK(count_by_path(collector.requests()) == "/v1/logs=1 /v1/metrics=1 ");
}

TEST_CASE("a shutdown returns in time though the collector accepts and never answers") {
  constexpr auto enough = 50ms + grace;
  CHECK(shortest(enough, [] {
          const fault_server collector{{{fault::kind::black_hole}}};
          recorder recorder{{.service_name = "chatbot"}};
          otlp_exporter exporter{recorder, options_for(collector)};
          CHECK(exporter.send(log_record{.body = "slow"}));
          CHECK(exporter.send(span));
          const auto spent = time_of([&] { CHECK_FALSE(exporter.shutdown(50ms)); });
          std::uint64_t lost = 0;
          for (const auto& [reason, records] : exporter.dropped()) lost += records;
          CHECK(lost >= 2);
          return spent;
        }) < enough);
}

TEST_CASE("a shutdown returns in time amid a request that is never answered") {
  constexpr auto enough = 50ms + grace;
  CHECK(shortest(enough, [] {
          const fault_server collector{{{fault::kind::black_hole}}};
          recorder recorder{{.service_name = "chatbot"}};
          otlp_exporter_options options = options_for(collector);
          options.interval = 1ms;
          otlp_exporter exporter{recorder, options};
          CHECK(collector.wait_for(1).size() == 1);
          const auto spent = time_of([&] { CHECK_FALSE(exporter.shutdown(50ms)); });
          CHECK(exporter.dropped().at("shutdown") > 0);
          return spent;
        }) < enough);
}

TEST_CASE("a shutdown does not wait for a collector that is not there") {
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{
      recorder,
      {.endpoint = "http://127.0.0.1:1", .interval = 1h, .warn = [](std::string_view) {}}};
  const auto begin = steady_clock::now();
  CHECK_FALSE(exporter.shutdown(10s));
  CHECK(steady_clock::now() - begin < 5s);
  CHECK(exporter.dropped().at("not_connected") > 0);
}

TEST_CASE("after the shutdown nothing is accepted, and nothing is sent") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, options_for(collector)};
  CHECK(exporter.shutdown(10s));
  const std::size_t before = collector.requests().size();
  CHECK_FALSE(exporter.send(log_record{.body = "late"}));
  CHECK(exporter.shutdown(10s));
  CHECK(exporter.flush(10s));
  CHECK(collector.requests().size() == before);
  CHECK(exporter.dropped() == std::map<std::string, std::uint64_t>{{"already_shutdown", 1}});
}

TEST_CASE("a flush of a collector that never answers returns in time, and so does the destructor") {
  constexpr auto enough = 50ms + 2 * grace;
  CHECK(shortest(enough, [] {
          const fault_server collector{{{fault::kind::black_hole}}};
          recorder recorder{{.service_name = "chatbot"}};
          otlp_exporter_options options = options_for(collector);
          options.shutdown_timeout = 20ms;
          return time_of([&] {
            otlp_exporter exporter{recorder, options};
            CHECK_FALSE(exporter.flush(30ms));
          });
        }) < enough);
}

TEST_CASE(
    "a span without a trace is refused, since a collector would refuse all the others with it") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, options_for(collector)};
  CHECK_FALSE(exporter.send(span_record{.name = "SELECT"}));
  CHECK(exporter.dropped().at("without_trace") == 1);
}

TEST_CASE("a recorder that is switched off, and signals that are, send nothing") {
  const fault_server collector{{reply(200)}};
  {
    recorder off{{.service_name = "chatbot", .disabled = true}};
    otlp_exporter exporter{off, options_for(collector)};
    CHECK_FALSE(exporter.send(log_record{.body = "slow"}));
  }
  setenv("OTEL_METRICS_EXPORTER", "none", 1);
  setenv("OTEL_LOGS_EXPORTER", "console", 1);
  {
    recorder recorder{{.service_name = "chatbot"}};
    otlp_exporter exporter{recorder, options_for(collector)};
    CHECK_FALSE(exporter.send(log_record{.body = "slow"}));
    CHECK(exporter.send(span));
    CHECK(exporter.flush(10s));
  }
  unsetenv("OTEL_METRICS_EXPORTER");
  unsetenv("OTEL_LOGS_EXPORTER");
  CHECK(count_by_path(collector.requests()) == "/v1/traces=1 ");
}

TEST_CASE("each problem is reported once, and an option that cannot be used is refused") {
  const fault_server collector{{reply(400)}};
  recorder recorder{{.service_name = "chatbot"}};
  std::vector<std::string> reported;
  {
    otlp_exporter_options options = options_for(collector);
    options.warn = [&](std::string_view text) { reported.emplace_back(text); };
    otlp_exporter exporter{recorder, options};
    CHECK_FALSE(exporter.flush(10s));
    CHECK_FALSE(exporter.flush(10s));
  }
  CHECK(reported == std::vector<std::string>{"OTLP metrics: 400"});
  CHECK_THROWS_AS((otlp_exporter{recorder, {.endpoint = "nowhere"}}), configuration_error);
}

TEST_CASE("a warning sink that throws, whatever it throws, ends nothing") {
  const fault_server collector{{reply(400)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter_options options = options_for(collector);
  int warned = 0;
  options.warn = [&](std::string_view) {
    ++warned;
    throw 42;
  };
  otlp_exporter exporter{recorder, options};
  CHECK_FALSE(exporter.flush(10s));
  CHECK_FALSE(exporter.flush(10s));
  exporter.shutdown(10s);
  CHECK(warned == 1);
}

TEST_CASE("a warning sink that throws does not end the making of an exporter") {
  setenv("OTEL_LOGS_EXPORTER", "console", 1);
  recorder recorder{{.service_name = "chatbot"}};
  int warned = 0;
  otlp_exporter_options options{.endpoint = "http://127.0.0.1:1", .interval = 1h};
  options.warn = [&](std::string_view) {
    ++warned;
    throw 42;
  };
  CHECK_NOTHROW(otlp_exporter{recorder, options}.shutdown(0ms));
  CHECK(warned >= 1);
  unsetenv("OTEL_LOGS_EXPORTER");
}

TEST_CASE("exporters of one process have instance ids of their own") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  for (int i = 0; i < 2; ++i) CHECK(otlp_exporter{recorder, options_for(collector)}.shutdown(10s));
  CHECK(instances(collector.requests()).size() == 2);
}
