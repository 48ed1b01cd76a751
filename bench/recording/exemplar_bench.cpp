// The cost of a record within a sampled trace, where it may be stored as an exemplar, beside a
// record without a trace, and the cost of opening a scope.

#include "../support/benchmarks.hpp"
#include "../support/latencies.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/recording/trace_scope.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <optional>

namespace {

using namespace querytap;
using namespace querytap::bench;

trace_context sampled_trace() {
  return *trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
}

void record(benchmark::State& state, bool within_trace) {
  static recorder recorder{{.service_name = "bench"}};
  const histogram latency = recorder.bind_histogram(catalog::operation_duration, {});
  std::optional<trace_scope> scope;
  if (within_trace) scope.emplace(sampled_trace());
  latency_stream input;
  for (auto _ : state) latency.record(input.next());
}

void within_trace(benchmark::State& state) { record(state, true); }
void without_trace(benchmark::State& state) { record(state, false); }

void open_scope(benchmark::State& state) {
  const trace_context trace = sampled_trace();
  for (auto _ : state) {
    const trace_scope scope{trace};
    benchmark::DoNotOptimize(&scope);
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure("recording/exemplar/within_trace", within_trace);
  measure("recording/exemplar/without_trace", without_trace);
  measure("recording/exemplar/open_scope", open_scope);
  return run(argc, argv);
}
