#pragma once

#include <benchmark/benchmark.h>

#include <future>
#include <thread>

namespace querytap::bench {

using body = void(benchmark::State&);

/// Registers a benchmark, to be run by one thread and by two at once. Names are
/// `<layer>/<work>/<contender>`; the table of report/goals.hpp refers to them.
inline void measure_threads(const char* name, body* work) {
  benchmark::RegisterBenchmark(name, work)->Threads(1)->Threads(2);
}

inline benchmark::internal::Benchmark* measure(const char* name, body* work) {
  return benchmark::RegisterBenchmark(name, work);
}

/// A thread that does nothing for the lifetime of the object. In a process with a single thread,
/// libstdc++'s shared_ptr counts without locked instructions, and everything is faster than in a
/// service.
class idle_thread {
 public:
  ~idle_thread() {
    end_.set_value();
    thread_.join();
  }

 private:
  std::promise<void> end_;
  std::thread thread_{[this] { end_.get_future().wait(); }};
};

/// The rest of `main`, after all benchmarks are registered.
inline int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const idle_thread company;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace querytap::bench
