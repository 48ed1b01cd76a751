#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <absl/container/flat_hash_map.h>

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
  point_range(const point* all, std::span<const std::uint32_t> which) : all_{all}, which_{which} {}

  [[nodiscard]] std::size_t size() const noexcept { return which_.size(); }
  [[nodiscard]] const point& operator[](std::size_t i) const noexcept { return all_[which_[i]]; }

  /// Of counters and gauges.
  [[nodiscard]] std::int64_t number() const noexcept {
    std::int64_t sum = 0;
    for (const std::uint32_t which : which_) sum += all_[which].number;
    return sum;
  }
  /// The one histogram, or all of them added up in `room`; null for counters and gauges.
  [[nodiscard]] const histogram_data* histogram(std::optional<histogram_data>& room) const {
    const histogram_data* const first = all_[which_[0]].histogram.get();
    if (which_.size() == 1 || first == nullptr) return first;
    room = *first;
    for (const std::uint32_t which : which_.subspan(1)) room->merge(*all_[which].histogram);
    return &*room;
  }

 private:
  const point* all_;
  std::span<const std::uint32_t> which_;
};

/// Which points of a metric make up each exported series, with what an exporter has prepared for
/// that series once: its names and labels as they leave.
///
///     plan.follow(metric, [](const point& of) { return labels_of(of.series->where); });
///     plan.for_each(metric, [](const labels& prepared, point_range points) { … });
///
/// Cost     follow(): one compare for each point while the series are those of the last time.
template <class Prepared>
class family_plan {
 public:
  /// Calls `prepare(first point)` for each series that is new. False if no series has come or gone.
  template <class Prepare>
  bool follow(const metric& to, Prepare prepare) {
    if (is_known(to)) return false;
    plan(to, prepare);
    return true;
  }

  /// How many series there are.
  [[nodiscard]] std::size_t size() const noexcept { return series_.size(); }

  /// `of` is the metric that was followed last.
  template <class Visit>
  void for_each(const metric& of, Visit visit) const {
    std::uint32_t begin = 0;
    for (const exported& one : series_) {
      prefetch(of, one.end);
      visit(one.prepared,
            point_range{of.points.data(), std::span{order_}.subspan(begin, one.end - begin)});
      begin = one.end;
    }
  }

 private:
  struct exported {
    std::shared_ptr<const series_identity> identity;  // keeps the address that is compared
    Prepared prepared;
    std::uint32_t end = 0;  // of its points in order_
  };

  [[nodiscard]] bool is_known(const metric& other) const {
    if (other.points.size() != seen_.size()) return false;
    for (std::size_t i = 0; i < seen_.size(); ++i) {
      if (other.points[i].series.get() != seen_[i]) return false;
    }
    return true;
  }

  // Of thousands of histograms, none is at hand when its turn comes.
  void prefetch(const metric& of, std::size_t next) const {
    if (next < order_.size() && of.points[order_[next]].histogram != nullptr) {
      of.points[order_[next]].histogram->prefetch();
    }
  }

  template <class Prepare>
  void plan(const metric& to, Prepare prepare) {
    absl::flat_hash_map<const series_identity*, exported*> known;
    for (exported& one : series_) known.emplace(one.identity.get(), &one);
    absl::flat_hash_map<const series_identity*, std::size_t> place_of;
    std::vector<exported> series;
    std::vector<std::vector<std::uint32_t>> points;
    seen_.clear();
    for (const point& p : to.points) {
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
