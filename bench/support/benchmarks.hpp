#pragma once

#include <benchmark/benchmark.h>

namespace querytap::bench {

using body = void(benchmark::State&);

/// Registers a benchmark, to be run by one thread and by two at once. Names are
/// `<layer>/<what>/<who>`; the table of report/goals.hpp refers to them.
inline void measure_threads(const char* name, body* what) {
  benchmark::RegisterBenchmark(name, what)->Threads(1)->Threads(2);
}

inline benchmark::internal::Benchmark* measure(const char* name, body* what) {
  return benchmark::RegisterBenchmark(name, what);
}

/// What `main` does once everything is registered.
inline int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace querytap::bench
