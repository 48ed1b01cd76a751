#include "timeline.hpp"

#include <querytap/snapshot/call_convention.hpp>

#include <algorithm>

namespace querytap::detail {
namespace {

constexpr std::size_t most_chart_lines = 16;

// The last one stands for all that came after the limit.
std::size_t place_of(const std::string& name, std::vector<std::string>& names) {
  const auto known = std::ranges::find(names, name);
  if (known != names.end()) return static_cast<std::size_t>(known - names.begin());
  if (names.size() == most_chart_lines) return most_chart_lines - 1;
  names.push_back(names.size() + 1 == most_chart_lines ? std::string{"_OTHER"} : name);
  return names.size() - 1;
}

template <class Visit>
void for_each_duration(const snapshot& current, Visit visit) {
  for (const auto& metric : current.metrics) {
    if (!is_call_duration(*metric->instrument)) continue;
    for (const point& p : metric->points) {
      if (p.histogram != nullptr) visit(p);
    }
  }
  for (const point& p : current.retired) {
    if (p.histogram != nullptr && is_call_duration(*p.series->instrument)) visit(p);
  }
}

}  // namespace

bool timeline::is_due(std::chrono::nanoseconds span) const noexcept {
  return length_.count() != 0 && (span_.count() < 0 || span - span_ >= step);
}

void timeline::add(const snapshot& current) {
  if (!is_due(current.span)) return;
  totals later = totals_of(current);
  if (span_.count() >= 0) {
    const std::chrono::nanoseconds length = current.span - span_;
    moments_.push_back({current.time, length, change_of(later, length), pools_of(current)});
  }
  totals_ = std::move(later);
  span_ = current.span;
  while (!moments_.empty() && current.time - moments_.front().end > length_) moments_.pop_front();
}

timeline::totals timeline::totals_of(const snapshot& current) {
  totals sums;
  for_each_duration(current, [&](const point& p) {
    const std::size_t system = place_of(system_of_call(p.series->labels), systems_);
    total& sum = sums.try_emplace(system, total{histogram_data{p.histogram->shared_layout()}, 0})
                     .first->second;
    sum.durations.add_counts(*p.histogram);
    if (p.series->labels.find("error.type") != nullptr) sum.errors += p.histogram->count();
  });
  return sums;
}

std::vector<timeline::system_moment> timeline::change_of(const totals& later,
                                                         std::chrono::nanoseconds length) const {
  const double seconds = std::chrono::duration<double>(length).count();
  std::vector<system_moment> changes;
  for (const auto& [system, sum] : later) {
    const auto earlier = totals_.find(system);
    const bool goes_on =
        earlier != totals_.end() && sum.durations.contains(earlier->second.durations);
    const histogram_data change =
        goes_on ? sum.durations.difference(earlier->second.durations) : sum.durations;
    if (change.count() == 0) continue;
    const std::uint64_t errors = sum.errors - (goes_on ? earlier->second.errors : 0);
    const auto quantile = [&](double q) { return static_cast<float>(change.quantile(q)); };
    changes.push_back({system, static_cast<float>(static_cast<double>(change.count()) / seconds),
                       static_cast<float>(static_cast<double>(errors) / seconds), quantile(0.5),
                       quantile(0.95), quantile(0.99)});
  }
  return changes;
}

std::vector<timeline::pool_moment> timeline::pools_of(const snapshot& current) {
  std::vector<pool_moment> found;
  for (const pool_report& pool : current.pools) {
    const std::size_t place = place_of(pool.name, pools_);
    const auto known = std::ranges::find(found, place, &pool_moment::pool);
    pool_moment& row = known == found.end() ? found.emplace_back(pool_moment{place, 0, 0}) : *known;
    row.used += static_cast<std::uint32_t>(pool.used);
    row.waiting += static_cast<std::uint32_t>(pool.waiting);
  }
  return found;
}

}  // namespace querytap::detail
