// What recording one latency into a bound histogram costs, beside an uncontended and a contended
// atomic add and beside prometheus-cpp, in the same run.

#include "../support/latencies.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <benchmark/benchmark.h>
#include <prometheus/histogram.h>

#include <atomic>
#include <vector>

namespace {

using querytap::bench::latency_stream;

void querytap_record(benchmark::State& state) {
  static querytap::recorder recorder{{.service_name = "bench"}};
  const querytap::histogram latency = recorder.bind_histogram(
      querytap::catalog::operation_duration, {{"db.system.name", "postgresql"}});
  latency_stream input;
  for (auto _ : state) latency.record(input.next());
}

void unbound_record(benchmark::State& state) {
  const querytap::histogram nowhere;
  latency_stream input;
  for (auto _ : state) nowhere.record(input.next());
}

void fetch_add(benchmark::State& state) {
  // With several threads each has its own: an add that nobody contends for.
  alignas(64) std::atomic<std::uint64_t> sum{0};
  latency_stream input;
  for (auto _ : state) sum.fetch_add(input.next(), std::memory_order_relaxed);
}

void shared_fetch_add(benchmark::State& state) {
  alignas(64) static std::atomic<std::uint64_t> sum{0};
  latency_stream input;
  for (auto _ : state) sum.fetch_add(input.next(), std::memory_order_relaxed);
}

void prometheus_cpp_observe(benchmark::State& state) {
  const auto bounds = querytap::catalog::operation_duration.bounds;
  static prometheus::Histogram histogram{{bounds.begin(), bounds.end()}};
  latency_stream input;
  for (auto _ : state) histogram.Observe(static_cast<double>(input.next()) / 1e9);
}

void measure(const char* name, void (*function)(benchmark::State&)) {
  benchmark::RegisterBenchmark(name, function)
      ->Threads(1)
      ->Threads(2)
      ->UseRealTime()
      ->Repetitions(7)
      ->ReportAggregatesOnly();
}

}  // namespace

int main(int argc, char** argv) {
  measure("recording/histogram/querytap", querytap_record);
  measure("recording/histogram/disabled", unbound_record);
  measure("recording/histogram/fetch_add", fetch_add);
  measure("recording/histogram/shared_fetch_add", shared_fetch_add);
  measure("recording/histogram/prometheus_cpp", prometheus_cpp_observe);
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
}
