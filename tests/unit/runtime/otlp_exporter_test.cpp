// An exporter sends what there is from a thread of its own, ends in the time that it is given, and goes on
// in the child of a fork without sending anything twice.

#include <querytap/base/error.hpp>
#include <querytap/recording/recorder.hpp>
#include <querytap/runtime/otlp_exporter.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <support/fault_server.hpp>
#include <support/otlp_decoder.hpp>
#include <support/sanitizer.hpp>

#include <catch2/catch.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <set>

using namespace querytap;
using namespace querytap::testing;
using namespace std::chrono_literals;

namespace {

using std::chrono::steady_clock;

const span_record span{
    .self = *trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
    .name = "SELECT documents",
    .kind = span_kind::client};

otlp_exporter_options to(const fault_server& collector) {
  return {.endpoint = collector.url(), .interval = 1h, .warn = [](std::string_view) {}};
}

std::map<std::string, int> count_by_path(const std::vector<received_request>& requests) {
  std::map<std::string, int> counts;
  for (const received_request& one : requests) ++counts[one.path];
  return counts;
}

std::string text(const std::map<std::string, int>& counts) {
  std::string result;
  for (const auto& [path, count] : counts) result += path + '=' + std::to_string(count) + ' ';
  return result;
}

/// Scheduling under a sanitizer on a busy machine is what it is.
constexpr auto grace = under_sanitizer ? 500ms : 10ms;

// Runs `body` in a child; 0 if it returned true. A child that hangs is ended after 20 s.
template <class Body>
int exit_code_of_child(Body body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(20);
    _exit(body() ? 0 : 1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/// All values of `service.instance.id` that were told.
std::set<std::string> instances(const std::vector<received_request>& requests) {
  std::set<std::string> ids;
  for (const received_request& one : requests) {
    if (one.path != "/v1/metrics") continue;
    const std::string text = read_by_protoc(otlp_signal::metrics, one.body);
    const auto key = text.find("service.instance.id");
    REQUIRE(key != std::string::npos);
    const auto begin = text.find("string_value: \"", key) + 15;
    ids.insert(text.substr(begin, text.find('"', begin) - begin));
  }
  return ids;
}

}  // namespace

TEST_CASE("a flush sends metrics, log records and spans to their paths") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  recorder.bind_histogram(catalog::operation_duration, {}).record(2ms);
  otlp_exporter exporter{recorder, to(collector)};
  CHECK(exporter.send(log_record{.body = "slow"}));
  CHECK(exporter.send(span));
  CHECK(exporter.flush(10s));
  CHECK(text(count_by_path(collector.requests())) == "/v1/logs=1 /v1/metrics=1 /v1/traces=1 ");
  CHECK(exporter.dropped().empty());
}

TEST_CASE("metrics leave by themselves, interval after interval") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter_options options = to(collector);
  options.interval = 5ms;
  const otlp_exporter exporter{recorder, options};
  CHECK(collector.wait_for(3).size() >= 3);
}

TEST_CASE("log records and spans leave by themselves once there are enough") {
  setenv("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE", "2", 1);
  setenv("OTEL_BLRP_SCHEDULE_DELAY", "1000000", 1);
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, to(collector)};
  unsetenv("OTEL_BLRP_MAX_EXPORT_BATCH_SIZE");
  unsetenv("OTEL_BLRP_SCHEDULE_DELAY");
  CHECK(exporter.send(log_record{.body = "a"}));
  CHECK(exporter.send(log_record{.body = "b"}));
  CHECK(collector.wait_for(1).size() == 1);
}

TEST_CASE("the end sends what is left") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  {
    otlp_exporter exporter{recorder, to(collector)};
    CHECK(exporter.send(log_record{.body = "slow"}));
  }
  CHECK(text(count_by_path(collector.requests())) == "/v1/logs=1 /v1/metrics=1 ");
}

TEST_CASE("a shutdown returns in time though the collector accepts and never answers") {
  const fault_server collector{{{fault::kind::black_hole}}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, to(collector)};
  CHECK(exporter.send(log_record{.body = "slow"}));
  CHECK(exporter.send(span));
  const auto begin = steady_clock::now();
  CHECK_FALSE(exporter.shutdown(50ms));
  CHECK(steady_clock::now() - begin < 50ms + grace);
  std::uint64_t lost = 0;
  for (const auto& [reason, records] : exporter.dropped()) lost += records;
  CHECK(lost >= 2);
}

TEST_CASE("a shutdown returns in time amid a request that is never answered") {
  const fault_server collector{{{fault::kind::black_hole}}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter_options options = to(collector);
  options.interval = 1ms;
  otlp_exporter exporter{recorder, options};
  CHECK(collector.wait_for(1).size() == 1);
  const auto begin = steady_clock::now();
  CHECK_FALSE(exporter.shutdown(50ms));
  CHECK(steady_clock::now() - begin < 50ms + grace);
  CHECK(exporter.dropped().at("shutdown") > 0);
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

TEST_CASE("after the shutdown nothing is taken, and nothing leaves") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, to(collector)};
  CHECK(exporter.shutdown(10s));
  const std::size_t before = collector.requests().size();
  CHECK_FALSE(exporter.send(log_record{.body = "late"}));
  CHECK(exporter.shutdown(10s));
  CHECK(exporter.flush(10s));
  CHECK(collector.requests().size() == before);
  CHECK(exporter.dropped() == std::map<std::string, std::uint64_t>{{"already_shutdown", 1}});
}

TEST_CASE("a flush of a collector that never answers comes back in time, and so does the end") {
  const fault_server collector{{{fault::kind::black_hole}}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter_options options = to(collector);
  options.shutdown_timeout = 20ms;
  const auto begin = steady_clock::now();
  {
    otlp_exporter exporter{recorder, options};
    CHECK_FALSE(exporter.flush(30ms));
  }
  CHECK(steady_clock::now() - begin < 50ms + 2 * grace);
}

TEST_CASE(
    "a span without a trace is refused, since a collector would refuse all the others with it") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, to(collector)};
  CHECK_FALSE(exporter.send(span_record{.name = "SELECT"}));
  CHECK(exporter.dropped().at("without_trace") == 1);
}

TEST_CASE("a recorder that is switched off, and signals that are, send nothing") {
  const fault_server collector{{reply(200)}};
  {
    recorder off{{.service_name = "chatbot", .disabled = true}};
    otlp_exporter exporter{off, to(collector)};
    CHECK_FALSE(exporter.send(log_record{.body = "slow"}));
  }
  setenv("OTEL_METRICS_EXPORTER", "none", 1);
  setenv("OTEL_LOGS_EXPORTER", "console", 1);
  {
    recorder recorder{{.service_name = "chatbot"}};
    otlp_exporter exporter{recorder, to(collector)};
    CHECK_FALSE(exporter.send(log_record{.body = "slow"}));
    CHECK(exporter.send(span));
    CHECK(exporter.flush(10s));
  }
  unsetenv("OTEL_METRICS_EXPORTER");
  unsetenv("OTEL_LOGS_EXPORTER");
  CHECK(text(count_by_path(collector.requests())) == "/v1/traces=1 ");
}

TEST_CASE("each trouble is told once, and an option that cannot be used is refused") {
  const fault_server collector{{reply(400)}};
  recorder recorder{{.service_name = "chatbot"}};
  std::vector<std::string> told;
  {
    otlp_exporter_options options = to(collector);
    options.warn = [&](std::string_view text) { told.emplace_back(text); };
    otlp_exporter exporter{recorder, options};
    CHECK_FALSE(exporter.flush(10s));
    CHECK_FALSE(exporter.flush(10s));
  }
  CHECK(told == std::vector<std::string>{"OTLP metrics: 400"});
  CHECK_THROWS_AS((otlp_exporter{recorder, {.endpoint = "nowhere"}}), configuration_error);
}

TEST_CASE("exporters of one process tell themselves apart") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter one{recorder, to(collector)};
  otlp_exporter other{recorder, to(collector)};
  CHECK(one.flush(10s));
  CHECK(other.flush(10s));
  CHECK(instances(collector.requests()).size() == 2);
}

// ThreadSanitizer ends a process that starts threads after it has forked with several.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define QUERYTAP_NO_FORK_TESTS
#endif
#endif
#ifndef QUERYTAP_NO_FORK_TESTS

TEST_CASE("an exporter from before a fork works in the child, and sends nothing of the parent's") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, to(collector)};
  CHECK(exporter.send(log_record{.body = "of the parent"}));
  CHECK(exit_code_of_child([&] {
          return exporter.send(log_record{.body = "of the child"}) && exporter.shutdown(10s) &&
                 exporter.dropped().empty();
        }) == 0);
  const auto of_child = collector.requests();
  CHECK(text(count_by_path(of_child)) == "/v1/logs=1 /v1/metrics=1 ");
  CHECK(exporter.shutdown(10s));
  const auto all = collector.requests();
  CHECK(text(count_by_path(all)) == "/v1/logs=2 /v1/metrics=2 ");
  int parents = 0;
  int children = 0;
  for (const received_request& one : all) {
    parents += one.body.find("of the parent") != std::string::npos;
    children += one.body.find("of the child") != std::string::npos;
  }
  CHECK(parents == 1);
  CHECK(children == 1);
  CHECK(instances(all).size() == 2);
}

TEST_CASE("an exporter made in the child of a fork works") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  CHECK(exit_code_of_child([&] {
          otlp_exporter exporter{recorder, to(collector)};
          return exporter.flush(10s);
        }) == 0);
  CHECK(text(count_by_path(collector.requests())) == "/v1/metrics=2 ");
}

TEST_CASE("forks amid requests and records leave children that work and end") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter_options options = to(collector);
  options.interval = 1ms;
  otlp_exporter exporter{recorder, options};
  int failed = 0;
  for (int i = 0; i < 20; ++i) {
    static_cast<void>(exporter.send(log_record{.body = "of the parent"}));
    failed += exit_code_of_child([&] { return exporter.shutdown(10s); }) != 0;
  }
  CHECK(failed == 0);
  CHECK(exporter.shutdown(10s));
}

TEST_CASE("a child that ends without a word does the parent's connection no harm") {
  const fault_server collector{{reply(200)}};
  recorder recorder{{.service_name = "chatbot"}};
  otlp_exporter exporter{recorder, to(collector)};
  CHECK(exporter.flush(10s));
  CHECK(exit_code_of_child([] { return true; }) == 0);
  CHECK(exporter.flush(10s));
  CHECK(collector.requests().size() == 2);
}

#endif
