#include "contest.hpp"

#include "pairs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <time.h>

#include <fstream>

namespace querytap::bench {
namespace {

double read_clock(clockid_t which) {
  timespec now{};
  clock_gettime(which, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

}  // namespace

double thread_time() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }
double wall_time() { return read_clock(CLOCK_MONOTONIC); }

void contest::add(std::string who, std::function<void(std::size_t calls)> work) {
  contenders_.push_back({std::move(who), std::move(work)});
}

void contest::run(std::size_t rounds) {
  for (contender& one : contenders_) one.work(calls_per_turn_);  // warms up
  for (std::size_t round = 0; round < rounds; ++round) {
    for (contender& one : contenders_) {
      const double begin = time_();
      one.work(calls_per_turn_);
      one.times.push_back((time_() - begin) / static_cast<double>(calls_per_turn_));
    }
  }
}

void contest::print() const {
  const contender& bare = contenders_.front();
  for (const contender& one : contenders_) {
    const ratio_interval ratio = compare_pairs(one.times, bare.times);
    fmt::print("{:<34} {:>9.1f} ns   {:+.2f} %  [{:+.2f} %, {:+.2f} %]  {} pairs\n",
               name_ + '/' + one.who, median_of(one.times), (ratio.median - 1) * 100,
               (ratio.low - 1) * 100, (ratio.high - 1) * 100, one.times.size());
  }
}

void contest::write(const std::string& file) const {
  if (file.empty()) return;
  nlohmann::json figures = nlohmann::json::array();
  for (const contender& one : contenders_) {
    const ratio_interval ratio = compare_pairs(one.times, contenders_.front().times);
    figures.push_back({{"run_name", name_ + '/' + one.who},
                       {"real_time", median_of(one.times)},
                       {"time_unit", "ns"},
                       {"ratio", ratio.median},
                       {"ratio_low", ratio.low},
                       {"ratio_high", ratio.high}});
  }
  std::ofstream{file} << nlohmann::json{{"benchmarks", figures}}.dump(2) << '\n';
}

}  // namespace querytap::bench
