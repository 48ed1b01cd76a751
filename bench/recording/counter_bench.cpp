// The cost of counting, beside an uncontended atomic add, a contended one, and prometheus-cpp.

#include "../support/benchmarks.hpp"

#include <querytap/recording/recorder.hpp>
#include <querytap/snapshot/catalog.hpp>

#include <prometheus/counter.h>

#include <atomic>

namespace {

using querytap::bench::measure_threads;

void querytap_add(benchmark::State& state) {
  static querytap::recorder recorder{{.service_name = "bench"}};
  const querytap::counter slow =
      recorder.bind_counter(querytap::catalog::operation_slow, {{"db.system.name", "sqlite"}});
  for (auto _ : state) slow.add();
}

void unbound_add(benchmark::State& state) {
  const querytap::counter unbound;
  for (auto _ : state) unbound.add();
}

void fetch_add(benchmark::State& state) {
  // With several threads each has its own: an uncontended add.
  alignas(64) std::atomic<std::uint64_t> count{0};
  for (auto _ : state) count.fetch_add(1, std::memory_order_relaxed);
}

void shared_fetch_add(benchmark::State& state) {
  alignas(64) static std::atomic<std::uint64_t> count{0};
  for (auto _ : state) count.fetch_add(1, std::memory_order_relaxed);
}

void prometheus_cpp_increment(benchmark::State& state) {
  static prometheus::Counter counter;
  for (auto _ : state) counter.Increment();
}

}  // namespace

int main(int argc, char** argv) {
  measure_threads("recording/counter/querytap", querytap_add);
  measure_threads("recording/counter/disabled", unbound_add);
  measure_threads("recording/counter/fetch_add", fetch_add);
  measure_threads("recording/counter/shared_fetch_add", shared_fetch_add);
  measure_threads("recording/counter/prometheus_cpp", prometheus_cpp_increment);
  return querytap::bench::run(argc, argv);
}
