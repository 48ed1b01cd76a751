#pragma once

#include "benchmarks.hpp"
#include "latencies.hpp"

#include <querytap/base/clock.hpp>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

namespace querytap::bench {

/// The p99.9 of the duration of a million calls of `record`, each with one latency. It is read with
/// the library's own clock, and includes the two clock reads.
template <class Record>
double p999_in_seconds(Record record) {
  constexpr std::size_t record_count = std::size_t{1} << 20;
  static std::vector<std::uint64_t> spent(record_count);
  const querytap::clock& time = clock::process();
  latency_stream input;
  for (std::uint64_t& duration : spent) {
    const std::uint64_t value = input.next();
    const std::uint64_t begin = time.ticks();
    record(value);
    duration = time.nanoseconds_between(begin, time.ticks());
  }
  const auto p999 = spent.begin() + static_cast<std::ptrdiff_t>(record_count / 1000 * 999);
  std::nth_element(spent.begin(), p999, spent.end());
  return static_cast<double>(*p999) / 1e9;
}

/// Calls `work` without pause, in a thread of its own, for the lifetime of the object.
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

inline void measure_tail(const char* name, body* work) {
  measure(name, work)->UseManualTime()->Iterations(1);
}

}  // namespace querytap::bench
