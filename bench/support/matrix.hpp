#pragma once

#include "latencies.hpp"

#include <time.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

/// Contenders that record latencies, beside each other for several numbers of threads and series.
/// A contender is a class:
///
///     struct contender {
///       explicit contender(std::size_t series);
///       void record(std::size_t series, std::uint64_t nanoseconds);  // any thread, at any time
///       void scrape();                                               // reads all, as an exporter does
///     };
///     int main(int argc, char** argv) {
///       return matrix::run(argc, argv, {{"contender", matrix::measure<contender>}});
///     }
///
/// Options  --seconds=0.6 for each cell of the table, --threads=1,2, --series=1,64, --out=FILE, and
///          --print=FILE,FILE for the table of what several programs have written.
namespace querytap::bench::matrix {

enum class company {
  quiet,        ///< threads that record, and nobody else
  scraped,      ///< and a thread that reads everything every 10 ms
  come_and_go,  ///< each thread ends after `records_of_a_life`, and another takes its place
};

struct setting {
  std::size_t threads;
  std::size_t series;
  matrix::company company;
};

struct costs {
  double nanoseconds;  ///< of a record: processor time of its thread
  double p999;   ///< of the time on the wall of a record, in nanoseconds, with its two clock reads
  double bytes;  ///< that the process has taken from the kernel meanwhile
};

using measure_function = costs(const setting&, std::chrono::duration<double>);

struct entry {
  std::string_view name;
  measure_function* measure;
};

/// Measures each entry in a process of its own for each setting, and prints the table.
int run(int argc, char** argv, const std::vector<entry>& entries);

namespace detail {

inline constexpr std::size_t batch = 1000;
inline constexpr std::size_t records_of_a_life = 10 * batch;

/// Of the process, without files that are mapped.
double resident_bytes();

inline double thread_nanoseconds() {
  timespec reading{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &reading);
  return static_cast<double>(reading.tv_sec) * 1e9 + static_cast<double>(reading.tv_nsec);
}

/// Durations in buckets of 3 %: few bytes, for they must not show in those of the contender.
class durations {
 public:
  void add(std::uint64_t nanoseconds) noexcept { ++counts_[bucket(nanoseconds)]; }
  void add(const durations& other) noexcept {
    for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  }
  [[nodiscard]] double p999() const noexcept;

 private:
  static constexpr unsigned bits = 5;
  static std::size_t bucket(std::uint64_t value) noexcept {
    const unsigned shift = static_cast<unsigned>(
        std::max<int>(0, static_cast<int>(std::bit_width(value)) - 1 - int{bits}));
    return std::min<std::size_t>((shift << bits) + (value >> shift), size - 1);
  }
  static constexpr std::size_t size = 1024;  // to some 4 s

  std::array<std::uint32_t, size> counts_{};
};

struct tally {
  void add(const tally& other) noexcept {
    records += other.records;
    nanoseconds += other.nanoseconds;
    timed.add(other.timed);
  }

  double records = 0;
  double nanoseconds = 0;
  durations timed;
};

enum class phase { waiting, counted, timed, over };

/// What a thread records: latencies, each into a series that no predictor guesses.
template <class Contender>
class writer {
 public:
  writer(Contender& contender, std::size_t series, std::uint64_t seed)
      : contender_{contender}, series_{series}, random_{seed} {}

  void record_into_each() {
    for (std::size_t i = 0; i < series_; ++i) contender_.record(i, input_.next());
  }
  void record_batch() {
    for (std::size_t i = 0; i < batch; ++i) contender_.record(next_series(), input_.next());
  }
  void record_timed_batch(durations& spent) {
    for (std::size_t i = 0; i < batch; ++i) {
      const std::size_t series = next_series();
      const std::uint64_t value = input_.next();
      const auto begin = std::chrono::steady_clock::now();
      contender_.record(series, value);
      const auto end = std::chrono::steady_clock::now();
      spent.add(static_cast<std::uint64_t>(std::chrono::nanoseconds{end - begin}.count()));
    }
  }

 private:
  std::size_t next_series() noexcept {
    random_ = random_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>((random_ >> 33) * series_ >> 31);
  }

  Contender& contender_;
  std::size_t series_;
  std::uint64_t random_;
  latency_stream input_;
};

/// One thread after another, or one for good, in the place of one of `setting::threads`.
template <class Contender>
class place {
 public:
  place(Contender& contender, const setting& setting, std::size_t number,
        const std::atomic<phase>& shared_phase)
      : contender_{contender}, setting_{setting}, seed_{number * 1'000'003}, phase_{shared_phase} {}

  void stay() {
    writer<Contender> writer{contender_, setting_.series, ++seed_};
    writer.record_into_each();
    is_ready_.store(true, std::memory_order_release);
    await_start();
    const double begin = thread_nanoseconds();
    do {
      writer.record_batch();
      result.records += batch;
    } while (current() == phase::counted);
    result.nanoseconds = thread_nanoseconds() - begin;
    do {
      writer.record_timed_batch(result.timed);
    } while (current() == phase::timed);
  }

  void come_and_go() {
    is_ready_.store(true, std::memory_order_release);
    await_start();
    do {
      std::thread{[this] { live_counted(); }}.join();
    } while (current() == phase::counted);
    do {
      std::thread{[this] { live_timed(); }}.join();
    } while (current() == phase::timed);
  }

  [[nodiscard]] bool is_ready() const noexcept { return is_ready_.load(std::memory_order_acquire); }

  tally result;

 private:
  // ORDER  relaxed: the threads' results are read after they are joined.
  [[nodiscard]] phase current() const noexcept { return phase_.load(std::memory_order_relaxed); }

  void await_start() const {
    while (current() == phase::waiting) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }

  // From the thread's first instruction on: what a thread costs that comes is part of the figure.
  void live_counted() {
    writer<Contender> writer{contender_, setting_.series, ++seed_};
    for (std::size_t i = 0; i < records_of_a_life; i += batch) writer.record_batch();
    result.records += records_of_a_life;
    result.nanoseconds += thread_nanoseconds();
  }

  void live_timed() {
    writer<Contender> writer{contender_, setting_.series, ++seed_};
    for (std::size_t i = 0; i < records_of_a_life; i += batch)
      writer.record_timed_batch(result.timed);
  }

  Contender& contender_;
  const setting& setting_;
  std::uint64_t seed_;
  const std::atomic<phase>& phase_;
  std::atomic<bool> is_ready_{false};
};

}  // namespace detail

template <class Contender>
costs measure(const setting& setting, std::chrono::duration<double> time) {
  using namespace detail;
  const double before = resident_bytes();
  std::optional<Contender> contender{std::in_place, setting.series};
  std::atomic<phase> shared_phase{phase::waiting};

  std::vector<std::unique_ptr<place<Contender>>> places;
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < setting.threads; ++i) {
    auto& added = *places.emplace_back(
        std::make_unique<place<Contender>>(*contender, setting, i, shared_phase));
    threads.emplace_back([&added, &setting] {
      setting.company == company::come_and_go ? added.come_and_go() : added.stay();
    });
  }
  std::thread reader{[&] {
    while (setting.company == company::scraped && shared_phase.load() != phase::over) {
      contender->scrape();
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
    }
  }};
  for (const auto& each : places) {
    while (!each->is_ready()) std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }

  shared_phase.store(phase::counted);
  std::this_thread::sleep_for(time / 2);
  const double bytes = resident_bytes() - before;
  shared_phase.store(phase::timed);
  std::this_thread::sleep_for(time / 2);
  shared_phase.store(phase::over);

  for (std::thread& thread : threads) thread.join();
  reader.join();
  tally sum;
  for (const auto& each : places) sum.add(each->result);
  return {sum.nanoseconds / sum.records, sum.timed.p999(), bytes};
}

}  // namespace querytap::bench::matrix
