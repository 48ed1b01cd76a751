#include <querytap/snapshot/snapshot.hpp>

#include "../base/saturating.hpp"

#include <absl/container/flat_hash_map.h>

#include <algorithm>

namespace querytap {
namespace {

struct merged_point {
  point result;
  std::shared_ptr<histogram_data> sum;  // null until a second statement: most series have one

  void add(const point& p) {
    result.number = detail::saturating_sum(result.number, p.number);
    if (p.histogram == nullptr) return;
    if (sum == nullptr) {
      sum = std::make_shared<histogram_data>(*result.histogram);
      result.histogram = sum;
    }
    sum->merge(*p.histogram);
  }
};

}  // namespace

std::vector<point> snapshot::find(std::string_view instrument_name) const {
  const auto found = std::ranges::find_if(
      metrics, [&](const auto& metric) { return metric->instrument->name == instrument_name; });
  return found == metrics.end() ? std::vector<point>{} : (*found)->points;
}

std::vector<point> merge_statements(const std::vector<point>& points) {
  std::vector<merged_point> merged;
  absl::flat_hash_map<const series_identity*, std::size_t> place_of;
  for (const point& p : points) {
    const auto [place, fresh] = place_of.try_emplace(p.series.get(), merged.size());
    if (fresh) {
      merged.push_back({p, nullptr});
      merged.back().result.statement = nullptr;
    } else {
      merged[place->second].add(p);
    }
  }
  std::vector<point> result;
  result.reserve(merged.size());
  for (merged_point& sum : merged) result.push_back(std::move(sum.result));
  return result;
}

}  // namespace querytap
