#pragma once

#include "../../base/saturating.hpp"

#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>
#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace querytap::detail {

/// The points of one exported series: several where several statements share it.
class point_range {
 public:
  point_range(const point* points, std::span<const std::uint32_t> indices)
      : points_{points}, indices_{indices} {}

  [[nodiscard]] std::size_t size() const noexcept { return indices_.size(); }
  [[nodiscard]] const point& operator[](std::size_t i) const noexcept {
    return points_[indices_[i]];
  }
  /// Those at the same places of another metric.
  [[nodiscard]] point_range same_places_of(const metric& metric) const noexcept {
    return {metric.points.data(), indices_};
  }

  /// Of counters and gauges.
  [[nodiscard]] std::int64_t number() const noexcept {
    std::int64_t sum = 0;
    for (const std::uint32_t index : indices_) sum = saturating_sum(sum, points_[index].number);
    return sum;
  }
  /// The only histogram, or the sum of all, made in `room`; null for counters and gauges.
  [[nodiscard]] const histogram_data* histogram(std::optional<histogram_data>& room) const {
    const histogram_data* const first = points_[indices_[0]].histogram.get();
    if (indices_.size() == 1 || first == nullptr) return first;
    room = *first;
    for (const std::uint32_t index : indices_.subspan(1)) room->merge(*points_[index].histogram);
    return &*room;
  }

 private:
  const point* points_;
  std::span<const std::uint32_t> indices_;
};

/// Which points of a metric make up each exported series, with what an exporter has prepared for
/// that series once: its names and labels in the exported form.
///
///     plan.follow(metric, [](const point& first) { return labels_of(first.series->labels); });
///     plan.for_each(metric, [](const labels& prepared, point_range points) { … });
///
/// Cost     follow(): one compare for each point while the series are those of the call before.
template <class Prepared>
class family_plan {
 public:
  /// Calls `prepare(first point)` for each new series. False if no series was added or removed.
  template <class Prepare>
  bool follow(const metric& metric, Prepare prepare) {
    if (is_known(metric)) return false;
    plan(metric, prepare);
    return true;
  }

  /// True if a metric has the points of the one that was followed last: the same series at the same
  /// places.
  [[nodiscard]] bool is_known(const metric& metric) const {
    if (metric.points.size() != seen_.size()) return false;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      if (metric.points[i].series.get() != seen_[i]) return false;
    }
    return true;
  }

  /// How many series there are.
  [[nodiscard]] std::size_t size() const noexcept { return series_.size(); }

  /// `metric` is the one that was followed last.
  template <class Visit>
  void for_each(const metric& metric, Visit visit) const {
    std::uint32_t begin = 0;
    for (const exported& series : series_) {
      prefetch(metric, series.end);
      visit(series.prepared, point_range{metric.points.data(),
                                         std::span{order_}.subspan(begin, series.end - begin)});
      begin = series.end;
    }
  }

 private:
  struct exported {
    std::shared_ptr<const series_identity> identity;  // owns the address that is compared
    Prepared prepared;
    std::uint32_t end = 0;  // of its points in order_
  };

  // Among thousands of histograms, the next one is not in the processor's cache.
  void prefetch(const metric& metric, std::size_t next) const {
    if (next < order_.size() && metric.points[order_[next]].histogram != nullptr) {
      metric.points[order_[next]].histogram->prefetch();
    }
  }

  // First: the labels of a series that has left are free for a new one.
  void drop_series_without_points_in(const metric& metric) {
    absl::flat_hash_set<const series_identity*> present;
    for (const point& p : metric.points) present.insert(p.series.get());
    std::erase_if(series_,
                  [&](const exported& series) { return !present.contains(series.identity.get()); });
  }

  template <class Prepare>
  void plan(const metric& metric, Prepare prepare) {
    drop_series_without_points_in(metric);
    absl::flat_hash_map<const series_identity*, exported*> known;
    for (exported& series : series_) known.emplace(series.identity.get(), &series);
    absl::flat_hash_map<const series_identity*, std::size_t> place_of;
    std::vector<exported> series;
    std::vector<std::vector<std::uint32_t>> points;
    seen_.clear();
    for (const point& p : metric.points) {
      const series_identity* key = p.series.get();
      const auto [place, fresh] = place_of.try_emplace(key, series.size());
      if (fresh) {
        const auto old = known.find(key);
        series.push_back(old != known.end() ? std::move(*old->second)
                                            : exported{p.series, prepare(p)});
        points.emplace_back();
      }
      points[place->second].push_back(static_cast<std::uint32_t>(seen_.size()));
      seen_.push_back(key);
    }
    series_ = std::move(series);
    order_.clear();
    for (std::size_t i = 0; i < points.size(); ++i) {
      order_.insert(order_.end(), points[i].begin(), points[i].end());
      series_[i].end = static_cast<std::uint32_t>(order_.size());
    }
  }

  std::vector<const series_identity*> seen_;  // of each point of the metric
  std::vector<exported> series_;
  std::vector<std::uint32_t> order_;  // the points, series by series
};

}  // namespace querytap::detail
