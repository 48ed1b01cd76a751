// What many threads cost that record into many series: memory, and the processor time of a record and of
// a collection; 2,000 histograms that are drawn as Zipf's law says, ten million records in all.

#include "../support/benchmarks.hpp"
#include "../support/many_series.hpp"

#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cmath>
#include <numeric>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace {

using namespace querytap;
using namespace querytap::bench;

constexpr std::size_t series_count = 2'000;
constexpr std::size_t record_count = 10'000'000;

// A million ranks of series; how often the one of rank k is drawn is proportional to k^-1.1.
const std::vector<std::uint16_t>& draws() {
  static const auto drawn = [] {
    std::vector<double> weights(series_count);
    for (std::size_t i = 0; i < series_count; ++i)
      weights[i] = std::pow(static_cast<double>(i + 1), -1.1);
    // The hot ones are not neighbours.
    std::vector<std::uint16_t> series(series_count);
    std::iota(series.begin(), series.end(), std::uint16_t{0});
    std::mt19937_64 random{1};
    std::shuffle(series.begin(), series.end(), random);
    std::discrete_distribution<std::size_t> rank{weights.begin(), weights.end()};
    std::vector<std::uint16_t> result(std::size_t{1} << 20);
    for (std::uint16_t& draw : result) draw = series[rank(random)];
    return result;
  }();
  return drawn;
}

double seconds_of_this_thread() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Threads that all live at once, and record when they are told to.
class crowd {
 public:
  template <class Record>
  crowd(std::size_t threads, Record record) : step_{static_cast<std::ptrdiff_t>(threads + 1)} {
    for (std::size_t i = 0; i < threads; ++i) {
      threads_.emplace_back([this, record, i, threads] {
        std::size_t next = draws().size() / threads * i;
        latency_stream input;
        for (;;) {
          step_.arrive_and_wait();
          const std::size_t records = records_of_each_;
          if (records == 0) return;
          const double begin = seconds_of_this_thread();
          for (std::size_t k = 0; k < records; ++k)
            record(draws()[next++ % draws().size()], input.next());
          seconds_ += seconds_of_this_thread() - begin;
          step_.arrive_and_wait();
        }
      });
    }
  }
  ~crowd() {
    records_of_each_ = 0;
    step_.arrive_and_wait();
    for (std::thread& thread : threads_) thread.join();
  }

  /// The processor time of one record.
  double record(std::size_t records) {
    seconds_ = 0;
    records_of_each_ = records / threads_.size();
    step_.arrive_and_wait();
    step_.arrive_and_wait();
    return seconds_ / static_cast<double>(records);
  }

 private:
  std::barrier<> step_;
  std::size_t records_of_each_ = 0;
  std::atomic<double> seconds_{0};
  std::vector<std::thread> threads_;
};

double bytes_in_use() { return static_cast<double>(mallinfo2().uordblks + mallinfo2().hblkhd); }

class querytap_crowd {
 public:
  explicit querytap_crowd(std::size_t threads)
      : crowd_{threads, [this](std::size_t i, std::uint64_t value) { series_[i].record(value); }} {
    for (std::size_t i = 0; i < series_count; ++i) {
      series_.push_back(recorder_.bind_histogram(catalog::operation_duration,
                                                 {{"db.query.summary", summary(i)}}));
    }
  }

  double record(std::size_t records) { return crowd_.record(records); }
  void collect() { benchmark::DoNotOptimize(recorder_.collect()); }

 private:
  recorder recorder_{
      {.service_name = "bench", .series_limit = series_count, .byte_limit = std::size_t{1} << 30}};
  std::vector<histogram> series_;
  crowd crowd_;
};

class prometheus_crowd {
 public:
  explicit prometheus_crowd(std::size_t threads)
      : crowd_{threads, [this](std::size_t i, std::uint64_t value) {
                 series_[i]->Observe(static_cast<double>(value) / 1e9);
               }} {
    auto& family = prometheus::BuildHistogram().Name("seconds").Register(registry_);
    const auto bounds = catalog::operation_duration.bounds;
    for (std::size_t i = 0; i < series_count; ++i) {
      series_.push_back(
          &family.Add({{"db_query_summary", summary(i)}},
                      prometheus::Histogram::BucketBoundaries{bounds.begin(), bounds.end()}));
    }
  }

  double record(std::size_t records) { return crowd_.record(records); }
  void collect() { benchmark::DoNotOptimize(registry_.Collect()); }

 private:
  prometheus::Registry registry_;
  std::vector<prometheus::Histogram*> series_;
  crowd crowd_;
};

// The time of each iteration is that of one record. `bytes` is what the records have allocated.
template <class Crowd>
void records(benchmark::State& state) {
  for (auto _ : state) {
    Crowd crowd{static_cast<std::size_t>(state.range(0))};
    const double before = bytes_in_use();
    state.SetIterationTime(crowd.record(record_count));
    state.counters["bytes"] = bytes_in_use() - before;
  }
}

// After a tenth of the records, so that nearly every series has changed.
template <class Crowd>
void collection(benchmark::State& state) {
  Crowd crowd{static_cast<std::size_t>(state.range(0))};
  crowd.record(record_count);
  crowd.collect();
  for (auto _ : state) {
    crowd.record(record_count / 10);
    const double begin = seconds_of_this_thread();
    crowd.collect();
    state.SetIterationTime(seconds_of_this_thread() - begin);
  }
}

void measure_crowds(const char* name, body* work, int iterations) {
  for (const int threads : {64, 256})
    measure(name, work)->Arg(threads)->UseManualTime()->Iterations(iterations);
}

}  // namespace

int main(int argc, char** argv) {
  measure_crowds("recording/crowd_record/querytap", records<querytap_crowd>, 1);
  measure_crowds("recording/crowd_record/prometheus_cpp", records<prometheus_crowd>, 1);
  measure_crowds("recording/crowd_collect/querytap", collection<querytap_crowd>, 5);
  measure_crowds("recording/crowd_collect/prometheus_cpp", collection<prometheus_crowd>, 5);
  return run(argc, argv);
}
