// Compiled out, the same program builds, runs and ends, and nothing is recorded.

#include <querytap/calls/histogram_family.hpp>
#include <querytap/querytap.hpp>
#include <querytap/recording/trace_scope.hpp>

#include <cstdio>
#include <stdexcept>

namespace {

using namespace querytap;

void use_everything(recorder& recorder) {
  const backend sqlite{recorder, {.system = "sqlite", .dialect = dialect::sqlite}};
  sqlite.record_phase("connect", std::chrono::milliseconds{1});
  try {
    const trace_scope scope{
        *trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")};
    const request chat{recorder, "POST /chat"};
    operation call{sqlite.statement_for("select 1")};
    call.rows(1);
    call.fail(outcome::error("5"));
    const operation moved{std::move(call)};
    throw std::runtime_error{"out of both"};
  } catch (const std::runtime_error&) {
  }
  recorder.bind_histogram(catalog::operation_duration, {}).record(7);
  recorder.bind_counter(catalog::connection_timeouts, {}).add();
  recorder.bind_gauge(catalog::lanes, {}).set(7);
  const histogram_family family{recorder, catalog::operation_duration, {"db.operation.name"}};
  family.record(7, {"embed"});
}

}  // namespace

int main() {
  recorder telemetry{{.service_name = "test"}};
  use_everything(telemetry);
  const snapshot collected = telemetry.collect();
  const bool is_empty = collected.metrics.empty() && statement_table(collected).empty();
  if (!is_empty || telemetry.enabled()) {
    std::fputs("compiled out, and yet something was recorded\n", stderr);
    return 1;
  }
  return 0;
}
