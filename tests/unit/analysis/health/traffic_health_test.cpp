// The application's own calls say how a component is: by their failures, by their p99 and by what hangs.

#include <analysis/health/traffic_health.hpp>

#include <querytap/base/outcome.hpp>
#include <querytap/calls/backend.hpp>
#include <querytap/calls/operation.hpp>
#include <querytap/testing/capture.hpp>

#include <catch2/catch.hpp>

namespace {

using namespace querytap;
using namespace querytap::detail;
using namespace std::chrono_literals;

const attributes redis_calls{{"db.system.name", "redis"}};

backend redis_of(capture& telemetry) {
  return {telemetry.recorder(), {.system = "redis", .dialect = dialect::redis}};
}

}  // namespace

TEST_CASE("few calls, or few failures among many, are no reason to worry", "[traffic]") {
  CHECK(judge({.calls = 4, .failures = 4}, 0ms).status == health_status::pass);
  CHECK(judge({.calls = 100, .failures = 9}, 0ms).status == health_status::pass);
  CHECK(judge({}, 0ms).status == health_status::pass);
}

TEST_CASE("a tenth of failures is a warning, half of them a failure, with their error",
          "[traffic]") {
  const traffic some{.calls = 100, .failures = 10, .most_frequent_error = "timeout"};
  CHECK(judge(some, 0ms).status == health_status::warn);
  CHECK(judge(some, 0ms).reason ==
        "10 of 100 calls in the last minute failed, most of them with timeout");
  CHECK(judge({.calls = 10, .failures = 5, .most_frequent_error = "timeout"}, 0ms).status ==
        health_status::fail);
}

TEST_CASE("a p99 beyond the limit is a warning, where there is a limit", "[traffic]") {
  CHECK(judge({.calls = 100, .p99 = 0.3}, 0ms).status == health_status::pass);
  CHECK(judge({.calls = 100, .p99 = 0.1}, 200ms).status == health_status::pass);
  const health_measurement slow = judge({.calls = 100, .p99 = 0.3}, 200ms);
  CHECK(slow.status == health_status::warn);
  CHECK(slow.name == "latency");
  CHECK(slow.reason ==
        "the slowest of a hundred calls took 0.3 s in the last minute, where 0.2 s is too slow");
}

TEST_CASE("calls of other components do not count", "[traffic]") {
  capture telemetry;
  const backend cache = redis_of(telemetry);
  const backend store{telemetry.recorder(), {.system = "sqlite", .dialect = dialect::sqlite}};
  const statement& get = cache.statement_for("GET ?");
  for (int i = 0; i < 3; ++i) {
    operation call{get};
    telemetry.time().advance(2ms);
  }
  operation{get}.fail(outcome::error("timeout"));
  operation{store.statement_for("select 1")}.fail(outcome::error("locked"));
  const traffic seen = traffic_of(telemetry.recorder().collect(), redis_calls, 1s);
  CHECK(seen.calls == 4);
  CHECK(seen.failures == 1);
  CHECK(seen.most_frequent_error == "timeout");
  CHECK(seen.p99 == Approx(0.002).epsilon(0.1));
  CHECK(answers_calls(seen));
}

TEST_CASE("a component with a call in flight for long is asked, however its other calls went",
          "[traffic]") {
  capture telemetry;
  const backend cache = redis_of(telemetry);
  const statement& get = cache.statement_for("GET ?");
  { operation call{get}; }
  const operation hanging{get};
  telemetry.time().advance(2s);
  const traffic seen = traffic_of(telemetry.recorder().collect(), redis_calls, 1s);
  CHECK(seen.hanging == 1);
  CHECK_FALSE(answers_calls(seen));
}
