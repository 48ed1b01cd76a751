// The cost of reading the clock, which is most of the cost of an operation, since recording is per
// thread.

#include "../support/benchmarks.hpp"

#include <querytap/base/clock.hpp>

#include <time.h>

#include <chrono>

namespace {

using querytap::bench::measure;

void read(benchmark::State& state, const querytap::clock& time) {
  for (auto _ : state) benchmark::DoNotOptimize(time.ticks());
}

void process_clock(benchmark::State& state) { read(state, querytap::clock::process()); }

void monotonic_clock(benchmark::State& state) { read(state, querytap::clock::monotonic()); }

void steady_clock(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(std::chrono::steady_clock::now());
}

void clock_gettime(benchmark::State& state) {
  timespec time{};
  for (auto _ : state) {
    ::clock_gettime(CLOCK_MONOTONIC, &time);
    benchmark::DoNotOptimize(time);
  }
}

}  // namespace

int main(int argc, char** argv) {
  measure("base/clock/querytap", process_clock);
  measure("base/clock/querytap_without_tsc", monotonic_clock);
  measure("base/clock/steady_clock", steady_clock);
  measure("base/clock/clock_gettime", clock_gettime);
  return querytap::bench::run(argc, argv);
}
