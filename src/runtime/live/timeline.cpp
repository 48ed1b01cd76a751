#include "timeline.hpp"

#include "../../base/seconds.hpp"
#include "summed_calls.hpp"

#include <querytap/snapshot/snapshot_difference.hpp>

#include <algorithm>
#include <map>

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

}  // namespace

bool timeline::is_due(std::chrono::nanoseconds span) const noexcept {
  return is_on() && (last_ == nullptr || span - last_->span >= step);
}

void timeline::add(const snapshot& current) {
  if (!is_due(current.span)) return;
  if (last_ != nullptr) {
    moments_.push_back({current.time, current.span - last_->span,
                        systems_of(difference(current, *last_)), pools_of(current)});
  }
  last_ = std::make_shared<const snapshot>(snapshot{.time = current.time,
                                                    .span = current.span,
                                                    .metrics = current.metrics,
                                                    .retired = current.retired});
  while (!moments_.empty() && current.time - moments_.front().end > length_) moments_.pop_front();
}

std::vector<timeline::system_moment> timeline::systems_of(const snapshot& change) {
  std::map<std::size_t, summed_calls> lines;
  for (const auto& [system, sum] : calls_by_system(change))
    lines[place_of(system, systems_)].add(sum);
  const double seconds = seconds_of(change.span);
  const auto per_second = [&](std::uint64_t count) {
    return static_cast<float>(static_cast<double>(count) / seconds);
  };
  std::vector<system_moment> systems;
  for (const auto& line : lines) {
    if (!line.second.durations.has_value()) continue;
    const histogram_data& durations = *line.second.durations;
    const auto quantile = [&](double q) { return static_cast<float>(durations.quantile(q)); };
    systems.push_back({line.first, per_second(durations.count()), per_second(line.second.errors),
                       quantile(0.5), quantile(0.95), quantile(0.99)});
  }
  return systems;
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
