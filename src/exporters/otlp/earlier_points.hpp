#pragma once

#include "../common/family_plan.hpp"

#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace querytap::detail {

/// What the series of a metric held in an earlier snapshot, for differences.
///
/// Cost     find(): an index while the series are those of the earlier snapshot, else a lookup.
class earlier_points {
 public:
  earlier_points(const earlier_points&) = delete;
  earlier_points& operator=(const earlier_points&) = delete;
  /// Without an earlier snapshot, that is null, no series is found. `plan` follows the current
  /// metric.
  template <class Prepared>
  earlier_points(const snapshot* earlier, const instrument& instrument,
                 const family_plan<Prepared>& plan) {
    if (earlier == nullptr) return;
    const auto known = std::ranges::find(earlier->metrics, instrument.name, [](const auto& metric) {
      return metric->instrument->name;
    });
    if (known == earlier->metrics.end()) return;
    metric_ = known->get();
    if (plan.is_known(*metric_)) return;
    merged_.emplace(metric{&instrument, merge_statements(metric_->points)});
    metric_ = &*merged_;
    for (std::uint32_t i = 0; i < merged_->points.size(); ++i)
      places_.emplace(merged_->points[i].series.get(), i);
  }

  /// Nothing for a series that the earlier snapshot did not have.
  [[nodiscard]] std::optional<point_range> find(point_range current) const {
    if (metric_ == nullptr) return std::nullopt;
    if (!merged_.has_value()) return current.same_places_of(*metric_);
    const auto known = places_.find(current[0].series.get());
    if (known == places_.end()) return std::nullopt;
    return point_range{metric_->points.data(), std::span{&known->second, 1}};
  }

 private:
  const metric* metric_ = nullptr;  // null without an earlier one
  std::optional<metric> merged_;    // if its series are others than those of the plan
  absl::flat_hash_map<const series_identity*, std::uint32_t> places_;
};

}  // namespace querytap::detail
