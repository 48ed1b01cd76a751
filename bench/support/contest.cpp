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

void contest::add(std::string name, work_function work) {
  contenders_.push_back({std::move(name), std::move(work), false});
}

void contest::add_rival(std::string name, work_function work) {
  contenders_.push_back({std::move(name), std::move(work), true});
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
  for (const contender& entry : contenders_) {
    fmt::print("{:<34} {:>9.1f} ns", name_ + '/' + entry.name, median_of(entry.times));
    for_each_rival([&](const contender& rival) {
      const ratio_interval ratio = compare_pairs(entry.times, rival.times);
      fmt::print("   {:+.2f} %  [{:+.2f} %, {:+.2f} %] of {}", (ratio.median - 1) * 100,
                 (ratio.low - 1) * 100, (ratio.high - 1) * 100, rival.name);
    });
    fmt::print("   {} pairs\n", entry.times.size());
  }
}

void contest::write(const std::string& file) const {
  if (file.empty()) return;
  nlohmann::json figures = nlohmann::json::array();
  for (const contender& entry : contenders_) {
    nlohmann::json ratios;
    for_each_rival([&](const contender& rival) {
      const ratio_interval ratio = compare_pairs(entry.times, rival.times);
      ratios[name_ + '/' + rival.name] = {
          {"median", ratio.median}, {"low", ratio.low}, {"high", ratio.high}};
    });
    figures.push_back({{"run_name", name_ + '/' + entry.name},
                       {"real_time", median_of(entry.times)},
                       {"time_unit", "ns"},
                       {"ratios", std::move(ratios)}});
  }
  std::ofstream{file} << nlohmann::json{{"benchmarks", figures}}.dump(2) << '\n';
}

}  // namespace querytap::bench
