// The cost of the slowest of a thousand records for its thread, alone and while another thread
// collects without pause. The time of each iteration is the p99.9 of a million records, read with
// the library's own clock, whose two reads are in it.

#include "../support/benchmarks.hpp"
#include "../support/many_series.hpp"
#include "../support/tail.hpp"

#include <cstdint>

namespace {

using namespace querytap;
using namespace querytap::bench;

histogram bind_one(recorder& recorder) {
  return recorder.bind_histogram(catalog::operation_duration, {{"db.system.name", "postgresql"}});
}

void report(benchmark::State& state, const histogram& series) {
  for (auto _ : state) {
    state.SetIterationTime(p999_in_seconds([&](std::uint64_t value) { series.record(value); }));
  }
}

void querytap_quiet(benchmark::State& state) {
  recorder recorder{{.service_name = "bench"}};
  report(state, bind_one(recorder));
}

// The worst case: the collector is always at the very cell that is being written.
void querytap_collecting(benchmark::State& state) {
  recorder recorder{{.service_name = "bench"}};
  const histogram series = bind_one(recorder);
  const busy_thread collector{[&] { benchmark::DoNotOptimize(recorder.collect()); }};
  report(state, series);
}

// As in a service: the collector reads the cell once in a while, among 1,000 others.
void querytap_collecting_1000(benchmark::State& state) {
  querytap_series others{1000};
  const histogram series = bind_one(others.recorder());
  const busy_thread collector{[&] { benchmark::DoNotOptimize(others.recorder().collect()); }};
  report(state, series);
}

void report(benchmark::State& state, prometheus::Histogram& series) {
  for (auto _ : state) {
    state.SetIterationTime(p999_in_seconds(
        [&](std::uint64_t value) { series.Observe(static_cast<double>(value) / 1e9); }));
  }
}

prometheus::Histogram& register_one(prometheus::Registry& registry) {
  const auto bounds = catalog::operation_duration.bounds;
  return prometheus::BuildHistogram()
      .Name("operation_duration_seconds")
      .Register(registry)
      .Add({}, prometheus::Histogram::BucketBoundaries{bounds.begin(), bounds.end()});
}

void prometheus_cpp_quiet(benchmark::State& state) {
  prometheus::Registry registry;
  report(state, register_one(registry));
}

void prometheus_cpp_collecting(benchmark::State& state) {
  prometheus::Registry registry;
  prometheus::Histogram& series = register_one(registry);
  const busy_thread collector{[&] { benchmark::DoNotOptimize(registry.Collect()); }};
  report(state, series);
}

}  // namespace

int main(int argc, char** argv) {
  measure_tail("recording/tail_quiet/querytap", querytap_quiet);
  measure_tail("recording/tail_while_collecting/querytap", querytap_collecting);
  measure_tail("recording/tail_while_collecting_1000/querytap", querytap_collecting_1000);
  measure_tail("recording/tail_quiet/prometheus_cpp", prometheus_cpp_quiet);
  measure_tail("recording/tail_while_collecting/prometheus_cpp", prometheus_cpp_collecting);
  return run(argc, argv);
}
