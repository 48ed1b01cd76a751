// What the slowest of a thousand records costs its thread, in quiet and while another thread
// collects without pause. The time of each iteration is the p99.9 of a million records, read with
// the library's own clock, whose two reads are in it.

#include "../support/benchmarks.hpp"
#include "../support/many_series.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

constexpr std::size_t record_count = std::size_t{1} << 20;

template <class Record>
double p999_in_seconds(Record record) {
  static std::vector<std::uint64_t> spent(record_count);
  const querytap::clock& time = clock::process();
  latency_stream input;
  for (std::uint64_t& one : spent) {
    const std::uint64_t value = input.next();
    const std::uint64_t begin = time.ticks();
    record(value);
    one = time.nanoseconds_between(begin, time.ticks());
  }
  const auto p999 = spent.begin() + static_cast<std::ptrdiff_t>(record_count / 1000 * 999);
  std::nth_element(spent.begin(), p999, spent.end());
  return static_cast<double>(*p999) / 1e9;
}

/// Calls `work` without pause, in a thread of its own, as long as it lives.
class busy_thread {
 public:
  template <class Work>
  explicit busy_thread(Work work)
      : thread_{[this, work] {
          while (!stop_.load(std::memory_order_relaxed)) work();
        }} {}
  ~busy_thread() {
    stop_.store(true, std::memory_order_relaxed);
    thread_.join();
  }

 private:
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

histogram bind_one(recorder& to) {
  return to.bind_histogram(catalog::operation_duration, {{"db.system.name", "postgresql"}});
}

void report(benchmark::State& state, const histogram& to) {
  for (auto _ : state) {
    state.SetIterationTime(p999_in_seconds([&](std::uint64_t value) { to.record(value); }));
  }
}

void querytap_quiet(benchmark::State& state) {
  recorder to{{.service_name = "bench"}};
  report(state, bind_one(to));
}

// The worst case: the collector is always at the very cell that is being written.
void querytap_collecting(benchmark::State& state) {
  recorder to{{.service_name = "bench"}};
  const histogram one = bind_one(to);
  const busy_thread collector{[&] { benchmark::DoNotOptimize(to.collect()); }};
  report(state, one);
}

// As in life: the collector comes by once in a while, on its way through 1,000 others.
void querytap_collecting_1000(benchmark::State& state) {
  querytap_series others{1000};
  const histogram one = bind_one(others.recorder());
  const busy_thread collector{[&] { benchmark::DoNotOptimize(others.recorder().collect()); }};
  report(state, one);
}

void report(benchmark::State& state, prometheus::Histogram& to) {
  for (auto _ : state) {
    state.SetIterationTime(p999_in_seconds(
        [&](std::uint64_t value) { to.Observe(static_cast<double>(value) / 1e9); }));
  }
}

prometheus::Histogram& register_one(prometheus::Registry& in) {
  const auto bounds = catalog::operation_duration.bounds;
  return prometheus::BuildHistogram()
      .Name("operation_duration_seconds")
      .Register(in)
      .Add({}, prometheus::Histogram::BucketBoundaries{bounds.begin(), bounds.end()});
}

void prometheus_cpp_quiet(benchmark::State& state) {
  prometheus::Registry registry;
  report(state, register_one(registry));
}

void prometheus_cpp_collecting(benchmark::State& state) {
  prometheus::Registry registry;
  prometheus::Histogram& one = register_one(registry);
  const busy_thread collector{[&] { benchmark::DoNotOptimize(registry.Collect()); }};
  report(state, one);
}

void measure_tail(const char* name, body* what) {
  measure(name, what)->UseManualTime()->Iterations(1);
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
