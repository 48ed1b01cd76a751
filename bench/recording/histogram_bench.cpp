// The cost of recording one latency into a bound histogram, beside an uncontended and a contended
// atomic add and beside prometheus-cpp, in the same run; into one series, and into 64 in turn.

#include "../support/benchmarks.hpp"
#include "../support/latencies.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <prometheus/histogram.h>

#include <array>
#include <atomic>
#include <memory>
#include <string>

namespace {

using querytap::bench::latency_stream;
using querytap::bench::measure_threads;

// As many statements as a busy service has: their cells do not fit the first level cache together
// with everything else, and the branch predictor cannot learn their order.
constexpr std::size_t several = 64;

querytap::histogram bind(querytap::recorder& recorder, std::size_t which = 0) {
  return recorder.bind_histogram(querytap::catalog::operation_duration,
                                 {{"db.system.name", "postgresql"},
                                  {"db.query.summary", "SELECT table_" + std::to_string(which)}});
}

std::array<querytap::histogram, several> bind_several(querytap::recorder& recorder) {
  std::array<querytap::histogram, several> series;
  for (std::size_t i = 0; i < several; ++i) series[i] = bind(recorder, i);
  return series;
}

std::unique_ptr<prometheus::Histogram> prometheus_histogram() {
  const auto bounds = querytap::catalog::operation_duration.bounds;
  return std::make_unique<prometheus::Histogram>(
      prometheus::Histogram::BucketBoundaries{bounds.begin(), bounds.end()});
}

void querytap_record(benchmark::State& state) {
  static querytap::recorder recorder{{.service_name = "bench"}};
  const querytap::histogram latency = bind(recorder);
  latency_stream input;
  for (auto _ : state) latency.record(input.next());
}

void unbound_record(benchmark::State& state) {
  const querytap::histogram unbound;
  latency_stream input;
  for (auto _ : state) unbound.record(input.next());
}

void fetch_add(benchmark::State& state) {
  // With several threads each has its own: an uncontended add.
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
  static const auto histogram = prometheus_histogram();
  latency_stream input;
  for (auto _ : state) histogram->Observe(static_cast<double>(input.next()) / 1e9);
}

// The part of the other figures that is not the record.
void next_latency(benchmark::State& state) {
  latency_stream input;
  for (auto _ : state) benchmark::DoNotOptimize(input.next());
}

void querytap_record_in_turn(benchmark::State& state) {
  static querytap::recorder recorder{{.service_name = "bench"}};
  static const auto series = bind_several(recorder);
  latency_stream input;
  std::size_t turn = 0;
  for (auto _ : state) series[turn++ % several].record(input.next());
}

void fetch_add_in_turn(benchmark::State& state) {
  struct alignas(64) line {
    std::atomic<std::uint64_t> sum{0};
  };
  std::array<line, several> lines;
  latency_stream input;
  std::size_t turn = 0;
  for (auto _ : state) {
    lines[turn++ % several].sum.fetch_add(input.next(), std::memory_order_relaxed);
  }
}

void prometheus_cpp_observe_in_turn(benchmark::State& state) {
  static const auto series = [] {
    std::array<std::unique_ptr<prometheus::Histogram>, several> made;
    for (auto& histogram : made) histogram = prometheus_histogram();
    return made;
  }();
  latency_stream input;
  std::size_t turn = 0;
  for (auto _ : state) {
    series[turn++ % several]->Observe(static_cast<double>(input.next()) / 1e9);
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure_threads("recording/histogram/querytap", querytap_record);
  measure_threads("recording/histogram/disabled", unbound_record);
  measure_threads("recording/histogram/fetch_add", fetch_add);
  measure_threads("recording/histogram/shared_fetch_add", shared_fetch_add);
  measure_threads("recording/histogram/prometheus_cpp", prometheus_cpp_observe);
  measure_threads("recording/histogram/input_alone", next_latency);
  measure_threads("recording/histogram_64_in_turn/querytap", querytap_record_in_turn);
  measure_threads("recording/histogram_64_in_turn/fetch_add", fetch_add_in_turn);
  measure_threads("recording/histogram_64_in_turn/prometheus_cpp", prometheus_cpp_observe_in_turn);
  return querytap::bench::run(argc, argv);
}
