// The costs of the collector's side: a snapshot of 1,000 series, the memory of series in a lane,
// and a thread that starts, records and ends.

#include "../support/benchmarks.hpp"
#include "../support/many_series.hpp"

#include <malloc.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

constexpr std::size_t series_count = 1000;

void querytap_unchanged(benchmark::State& state) {
  querytap_series series{series_count};
  for (auto _ : state) benchmark::DoNotOptimize(series.recorder().collect());
}

void querytap_changed(benchmark::State& state) {
  querytap_series series{series_count};
  for (auto _ : state) {
    state.PauseTiming();
    series.record_into_each();
    state.ResumeTiming();
    benchmark::DoNotOptimize(series.recorder().collect());
  }
}

// prometheus-cpp does not track changes: one figure for both cases.
void prometheus_cpp_collect(benchmark::State& state) {
  prometheus_series series{series_count};
  for (auto _ : state) benchmark::DoNotOptimize(series.registry().Collect());
}

std::int64_t lane_bytes(recorder& recorder) {
  std::int64_t bytes = 0;
  for (const point& part : recorder.collect().find(catalog::memory_usage.name))
    bytes += part.number;
  return bytes;
}

void report_bytes_of_one(benchmark::State& state, std::int64_t bytes, std::size_t count) {
  state.counters["bytes"] = static_cast<double>(bytes) / static_cast<double>(count);
}

// Every series records each of the 16,384 latencies. So many series that the size of the blocks in
// which a lane allocates does not show.
void querytap_histogram_memory(benchmark::State& state) {
  constexpr std::size_t count = 4'000;
  for (auto _ : state) {
    recorder recorder{{.service_name = "bench", .series_limit = count}};
    const std::int64_t before = lane_bytes(recorder);
    for (std::size_t i = 0; i < count; ++i) {
      const histogram series =
          recorder.bind_histogram(catalog::operation_duration, {{"db.query.summary", summary(i)}});
      for (const std::uint64_t latency : latencies()) series.record(latency);
    }
    report_bytes_of_one(state, lane_bytes(recorder) - before, count);
  }
}

void querytap_counter_memory(benchmark::State& state) {
  constexpr std::size_t count = 60'000;
  for (auto _ : state) {
    recorder recorder{{.service_name = "bench", .series_limit = count}};
    const std::int64_t before = lane_bytes(recorder);
    for (std::size_t i = 0; i < count; ++i) {
      recorder.bind_counter(catalog::operation_slow, {{"db.query.summary", summary(i)}}).add();
    }
    report_bytes_of_one(state, lane_bytes(recorder) - before, count);
  }
}

// A histogram of ten buckets, without labels and family, is the counterpart of a cell.
void prometheus_cpp_histogram_memory(benchmark::State& state) {
  const auto bounds = catalog::operation_duration.bounds;
  for (auto _ : state) {
    std::vector<std::unique_ptr<prometheus::Histogram>> series(series_count);
    const auto before = mallinfo2().uordblks;
    for (auto& histogram : series) {
      histogram = std::make_unique<prometheus::Histogram>(
          prometheus::Histogram::BucketBoundaries{bounds.begin(), bounds.end()});
    }
    const auto bytes = mallinfo2().uordblks - before;
    report_bytes_of_one(state, static_cast<std::int64_t>(bytes), series_count);
  }
}

void thread_that_records(benchmark::State& state) {
  constexpr std::size_t several = 64;
  recorder recorder{{.service_name = "bench"}};
  std::vector<histogram> series;
  for (std::size_t i = 0; i < several; ++i) {
    series.push_back(
        recorder.bind_histogram(catalog::operation_duration, {{"db.query.summary", summary(i)}}));
  }
  latency_stream input;
  for (auto _ : state) {
    std::thread{[&] {
      for (const histogram& latency : series) latency.record(input.next());
    }}.join();
  }
}

void thread_that_does_nothing(benchmark::State& state) {
  for (auto _ : state) std::thread{[] {}}.join();
}

}  // namespace

int main(int argc, char** argv) {
  measure("recording/collect_1000_unchanged/querytap", querytap_unchanged);
  measure("recording/collect_1000_changed/querytap", querytap_changed);
  measure("recording/collect_1000/prometheus_cpp", prometheus_cpp_collect);
  measure("recording/memory_of_histogram/querytap", querytap_histogram_memory)->Iterations(1);
  measure("recording/memory_of_histogram/prometheus_cpp", prometheus_cpp_histogram_memory)
      ->Iterations(1);
  measure("recording/memory_of_counter/querytap", querytap_counter_memory)->Iterations(1);
  // The time of the whole process, since the new thread's is to be measured.
  measure("recording/short_thread/querytap", thread_that_records)->MeasureProcessCPUTime();
  measure("recording/short_thread/create_and_join", thread_that_does_nothing)
      ->MeasureProcessCPUTime();
  return run(argc, argv);
}
