#include "contest.hpp"

#include "pairs.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <time.h>

#include <algorithm>
#include <fstream>
#include <random>

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

void contest::add(std::string_view name, work instance) {
  auto entry = std::find_if(contenders_.begin(), contenders_.end(),
                            [&](const contender& known) { return known.name == name; });
  if (entry == contenders_.end()) entry = contenders_.insert(entry, contender{std::string{name}});
  entry->instances.push_back(std::move(instance));
}

void contest::run(std::size_t rounds) {
  std::vector<contender*> order;
  for (contender& entry : contenders_) order.push_back(&entry);
  for (contender& entry : contenders_) {
    for (work& instance : entry.instances) instance(turn_.calls);  // warms up
  }
  std::minstd_rand random;
  for (std::size_t round = 0; round < rounds; ++round) {
    std::shuffle(order.begin(), order.end(), random);
    for (contender* entry : order) {
      work& instance = entry->instances[round % entry->instances.size()];
      if (turn_.untimed_calls > 0) instance(turn_.untimed_calls);
      const double begin = time_();
      instance(turn_.calls);
      entry->times.push_back((time_() - begin) / static_cast<double>(turn_.calls));
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
    nlohmann::json ratios;
    for (const contender& rival : contenders_) {
      const ratio_interval ratio = compare_pairs(entry.times, rival.times);
      ratios[name_ + '/' + rival.name] = {ratio.median, ratio.low, ratio.high};
    }
    figures.push_back({{"run_name", name_ + '/' + entry.name},
                       {"real_time", median_of(entry.times)},
                       {"time_unit", "ns"},
                       {"ratios", ratios}});
  }
  std::ofstream{file} << nlohmann::json{{"benchmarks", figures}}.dump(2) << '\n';
}

}  // namespace querytap::bench
