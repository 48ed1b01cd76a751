#include "contest.hpp"

#include "pairs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <time.h>

#include <fstream>

namespace querytap::bench {
namespace {

double read_clock(clockid_t clock) {
  timespec reading{};
  clock_gettime(clock, &reading);
  return static_cast<double>(reading.tv_sec) * 1e9 + static_cast<double>(reading.tv_nsec);
}

}  // namespace

double thread_time() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }
double wall_time() { return read_clock(CLOCK_MONOTONIC); }

void contest::add(std::string name, std::function<void(std::size_t calls)> work) {
  contenders_.push_back({std::move(name), std::move(work)});
}

void contest::run(std::size_t rounds) {
  for (contender& entry : contenders_) entry.work(calls_per_turn_);  // warms up
  for (std::size_t round = 0; round < rounds; ++round) {
    for (contender& entry : contenders_) {
      const double begin = time_();
      entry.work(calls_per_turn_);
      entry.times.push_back((time_() - begin) / static_cast<double>(calls_per_turn_));
    }
  }
}

void contest::print() const {
  const contender& bare = contenders_.front();
  for (const contender& entry : contenders_) {
    const ratio_interval ratio = compare_pairs(entry.times, bare.times);
    fmt::print("{:<34} {:>9.1f} ns   {:+.2f} %  [{:+.2f} %, {:+.2f} %]  {} pairs\n",
               name_ + '/' + entry.name, median_of(entry.times), (ratio.median - 1) * 100,
               (ratio.low - 1) * 100, (ratio.high - 1) * 100, entry.times.size());
  }
}

void contest::write(const std::string& file) const {
  if (file.empty()) return;
  nlohmann::json figures = nlohmann::json::array();
  for (const contender& entry : contenders_) {
    const ratio_interval ratio = compare_pairs(entry.times, contenders_.front().times);
    figures.push_back({{"run_name", name_ + '/' + entry.name},
                       {"real_time", median_of(entry.times)},
                       {"time_unit", "ns"},
                       {"ratio", ratio.median},
                       {"ratio_low", ratio.low},
                       {"ratio_high", ratio.high}});
  }
  std::ofstream{file} << nlohmann::json{{"benchmarks", figures}}.dump(2) << '\n';
}

}  // namespace querytap::bench
