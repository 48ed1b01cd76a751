// What remains where the library was compiled out: a timed operation and a record, beside an empty
// loop.

#include "../support/benchmarks.hpp"
#include "../support/latencies.hpp"

#include <querytap/querytap.hpp>

namespace {

using namespace querytap;
using namespace querytap::bench;

recorder& shared_recorder() {
  static recorder instance{{.service_name = "bench"}};
  return instance;
}

void timed_operation(benchmark::State& state) {
  const backend documents{shared_recorder(), {.system = "postgresql"}};
  const statement_handle search{documents.statement_for("select 1")};
  for (auto _ : state) operation{*search}.finish();
}

void record(benchmark::State& state) {
  const histogram latency = shared_recorder().bind_histogram(catalog::operation_duration, {});
  latency_stream values;
  for (auto _ : state) {
    const std::uint64_t value = values.next();
    benchmark::DoNotOptimize(value);
    latency.record(value);
  }
}

void input_alone(benchmark::State& state) {
  latency_stream values;
  for (auto _ : state) benchmark::DoNotOptimize(values.next());
}

}  // namespace

int main(int argc, char** argv) {
  measure("calls/compiled_out/operation", timed_operation);
  measure("calls/compiled_out/record", record);
  measure("calls/compiled_out/input_alone", input_alone);
  return run(argc, argv);
}
