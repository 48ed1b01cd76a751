#pragma once

#include <benchmark/benchmark.h>

#include <future>
#include <thread>

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

/// A thread that does nothing as long as it lives. In a process with one thread alone, libstdc++'s
/// shared_ptr counts without locked instructions, and everything is faster than it is in a service.
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

/// What `main` does once everything is registered.
inline int run(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const idle_thread company;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace querytap::bench
