// What it costs to borrow from a pool and to give back: alone, with 8 threads on 4 objects, and with 64 threads on 4. The
// rivals are pools of a mutex and a condition variable, as services write them: one bare, one that measures the
// same with prometheus-cpp. What is borrowed is not used for anything, unless a benchmark says so: the pools
// themselves are measured.

#include "../support/benchmarks.hpp"

#include <querytap/policies/pool.hpp>
#include <querytap/querytap.hpp>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace std::chrono_literals;
using querytap::bench::measure;
using std::chrono::steady_clock;

struct connection {
  int number = 0;
};

constexpr std::size_t connections = 4;

class our_pool {
 public:
  using lease = pool<connection>::lease;
  lease acquire() { return pool_.acquire(); }

 private:
  recorder recorder_{{.service_name = "bench"}};
  pool<connection> pool_{
      recorder_,
      {.name = "bench", .minimum = connections, .maximum = connections, .acquisition_timeout = 1h},
      [] { return std::make_unique<connection>(); }};
};

class mutex_pool {
 public:
  class lease {
   public:
    lease(mutex_pool& owner, connection* lent) noexcept : owner_{owner}, lent_{lent} {}
    ~lease() { owner_.give_back(lent_); }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    connection* operator->() const noexcept { return lent_; }

   private:
    mutex_pool& owner_;
    connection* lent_;
  };

  mutex_pool() {
    for (connection& each : all_) idle_.push_back(&each);
  }

  lease acquire() {
    std::unique_lock lock{mutex_};
    returned_.wait(lock, [&] { return !idle_.empty(); });
    connection* const lent = idle_.back();
    idle_.pop_back();
    return {*this, lent};
  }

 private:
  void give_back(connection* lent) {
    {
      const std::lock_guard lock{mutex_};
      idle_.push_back(lent);
    }
    returned_.notify_one();
  }

  std::vector<connection> all_{connections};
  std::vector<connection*> idle_;
  std::mutex mutex_;
  std::condition_variable returned_;
};

/// With the metrics of OpenTelemetry's conventions that change with a lease: idle and used ones, callers that wait,
/// how long they wait and use.
class measured_mutex_pool {
 public:
  class lease {
   public:
    lease(measured_mutex_pool& owner, connection* lent) noexcept
        : owner_{owner}, lent_{lent}, begin_{steady_clock::now()} {}
    ~lease() { owner_.give_back(lent_, begin_); }
    lease(const lease&) = delete;
    lease& operator=(const lease&) = delete;
    connection* operator->() const noexcept { return lent_; }

   private:
    measured_mutex_pool& owner_;
    connection* lent_;
    steady_clock::time_point begin_;
  };

  measured_mutex_pool() {
    for (connection& each : all_) idle_.push_back(&each);
  }

  lease acquire() {
    const auto begin = steady_clock::now();
    std::unique_lock lock{mutex_};
    if (idle_.empty()) {
      pending_count_.Increment();
      returned_.wait(lock, [&] { return !idle_.empty(); });
      pending_count_.Decrement();
    }
    connection* const lent = idle_.back();
    idle_.pop_back();
    lock.unlock();
    idle_count_.Decrement();
    used_count_.Increment();
    wait_time_.Observe(std::chrono::duration<double>{steady_clock::now() - begin}.count());
    return {*this, lent};
  }

 private:
  void give_back(connection* lent, steady_clock::time_point begin) {
    use_time_.Observe(std::chrono::duration<double>{steady_clock::now() - begin}.count());
    idle_count_.Increment();
    used_count_.Decrement();
    {
      const std::lock_guard lock{mutex_};
      idle_.push_back(lent);
    }
    returned_.notify_one();
  }

  static prometheus::Histogram::BucketBoundaries bounds() {
    const auto known = catalog::connection_wait_time.bounds;
    return {known.begin(), known.end()};
  }

  std::vector<connection> all_{connections};
  std::vector<connection*> idle_;
  std::mutex mutex_;
  std::condition_variable returned_;
  prometheus::Gauge idle_count_;
  prometheus::Gauge used_count_;
  prometheus::Gauge pending_count_;
  prometheus::Histogram wait_time_{bounds()};
  prometheus::Histogram use_time_{bounds()};
};

template <class Pool>
void acquire_and_release(benchmark::State& state) {
  Pool pool;
  for (auto _ : state) {
    auto lease = pool.acquire();
    benchmark::DoNotOptimize(lease.operator->());
  }
}

void three_clock_reads(benchmark::State& state) {
  const querytap::clock& time = clock::process();
  for (auto _ : state) {
    for (int i = 0; i < 3; ++i) benchmark::DoNotOptimize(time.ticks());
  }
}

/// Seconds until each of the threads has done its part, from the moment at which all are there.
template <class Work>
double seconds_of_threads(int threads, Work work) {
  std::barrier start{threads + 1};
  std::vector<std::thread> crowd;
  for (int thread = 0; thread < threads; ++thread) {
    crowd.emplace_back([&, thread] {
      start.arrive_and_wait();
      work(thread);
    });
  }
  start.arrive_and_wait();
  const auto begin = steady_clock::now();
  for (std::thread& thread : crowd) thread.join();
  return std::chrono::duration<double>{steady_clock::now() - begin}.count();
}

// Of each of eight threads: far more than it makes before the others have begun.
constexpr int leases_of_thread = 200'000;

// The time on the wall for each lease of all threads.
template <class Pool>
void eight_on_four(benchmark::State& state) {
  constexpr int threads = 8;
  constexpr int leases = leases_of_thread;
  Pool pool;
  for (auto _ : state) {
    const double seconds = seconds_of_threads(threads, [&](int) {
      for (int i = 0; i < leases; ++i) {
        auto lease = pool.acquire();
        benchmark::DoNotOptimize(lease.operator->());
      }
    });
    state.SetIterationTime(seconds / (threads * leases));
  }
}

// The wait that one of a hundred leases exceeds.
template <class Pool>
void p99_wait_of_eight_on_four(benchmark::State& state) {
  constexpr int threads = 8;
  constexpr int leases = leases_of_thread;
  Pool pool;
  for (auto _ : state) {
    std::vector<std::vector<std::int64_t>> waits(threads);
    seconds_of_threads(threads, [&](int thread) {
      std::vector<std::int64_t>& own = waits[static_cast<std::size_t>(thread)];
      own.reserve(leases);
      for (int i = 0; i < leases; ++i) {
        const auto begin = steady_clock::now();
        auto lease = pool.acquire();
        own.push_back((steady_clock::now() - begin).count());
        benchmark::DoNotOptimize(lease.operator->());
      }
    });
    std::vector<std::int64_t> all;
    for (const auto& own : waits) all.insert(all.end(), own.begin(), own.end());
    const auto p99 = all.begin() + static_cast<std::ptrdiff_t>(all.size() * 99 / 100);
    std::ranges::nth_element(all, p99);
    state.SetIterationTime(static_cast<double>(*p99) / 1e9);
  }
}

struct turns {
  double longest_wait;  // seconds
  double share;         // in which each of the other threads has its turn once
};

// Each lease lasts a millisecond, in which the thread sleeps, as it would for a server's answer.
template <class Pool>
turns turns_of_64_on_four() {
  constexpr int threads = 64;
  constexpr int leases = 10;
  constexpr auto use = 1ms;
  Pool pool;
  std::atomic<std::int64_t> longest{0};
  const double seconds = seconds_of_threads(threads, [&](int) {
    for (int i = 0; i < leases; ++i) {
      const auto begin = steady_clock::now();
      auto lease = pool.acquire();
      const std::int64_t wait = (steady_clock::now() - begin).count();
      std::int64_t known = longest;
      while (known < wait && !longest.compare_exchange_weak(known, wait)) {
      }
      std::this_thread::sleep_for(use);
    }
  });
  return {static_cast<double>(longest) / 1e9, seconds / leases};
}

template <class Pool>
void longest_wait_of_64(benchmark::State& state) {
  for (auto _ : state) state.SetIterationTime(turns_of_64_on_four<Pool>().longest_wait);
}

void share_of_64(benchmark::State& state) {
  for (auto _ : state) state.SetIterationTime(turns_of_64_on_four<our_pool>().share);
}

void measure_crowd(const char* name, querytap::bench::body* work, int iterations) {
  measure(name, work)->UseManualTime()->Iterations(iterations);
}

}  // namespace

int main(int argc, char** argv) {
  measure("policies/lease/querytap", acquire_and_release<our_pool>);
  measure("policies/lease/three_clock_reads", three_clock_reads);
  measure("policies/lease/prometheus_cpp", acquire_and_release<measured_mutex_pool>);
  measure("policies/lease/mutex", acquire_and_release<mutex_pool>);
  measure_crowd("policies/lease_8_on_4/querytap", eight_on_four<our_pool>, 1);
  measure_crowd("policies/lease_8_on_4/mutex", eight_on_four<mutex_pool>, 1);
  measure_crowd("policies/lease_8_on_4/prometheus_cpp", eight_on_four<measured_mutex_pool>, 1);
  measure_crowd("policies/p99_wait_8_on_4/querytap", p99_wait_of_eight_on_four<our_pool>, 1);
  measure_crowd("policies/p99_wait_8_on_4/mutex", p99_wait_of_eight_on_four<mutex_pool>, 1);
  measure_crowd("policies/longest_wait_64_on_4/querytap", longest_wait_of_64<our_pool>, 1);
  measure_crowd("policies/longest_wait_64_on_4/mutex", longest_wait_of_64<mutex_pool>, 1);
  measure_crowd("policies/longest_wait_64_on_4/share", share_of_64, 1);
  return querytap::bench::run(argc, argv);
}
