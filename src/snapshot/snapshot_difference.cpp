#include <querytap/snapshot/snapshot_difference.hpp>

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace querytap {
namespace {

using point_key = std::pair<const series_identity*, const statement_identity*>;

point_key key_of_point(const point& p) { return {p.series.get(), p.statement.get()}; }

bool is_counted(const instrument& instrument) {
  return instrument.kind == instrument_kind::histogram ||
         instrument.kind == instrument_kind::counter;
}

bool has_counted(const point& p) {
  return p.histogram == nullptr ? p.number != 0 : p.histogram->count() != 0;
}

// The identity of the sum stays.
void add_counts(const point& part, point& sum) {
  sum.number += part.number;
  if (part.histogram == nullptr) return;
  if (sum.histogram == nullptr) {
    sum.histogram = part.histogram;
    return;
  }
  auto merged = std::make_shared<histogram_data>(*sum.histogram);
  merged->merge(*part.histogram);
  sum.histogram = std::move(merged);
}

// False for a series that has begun anew under the same identity.
bool goes_on(const point& later, const point& earlier) {
  if (later.histogram == earlier.histogram) return later.number >= earlier.number;
  return later.histogram != nullptr && earlier.histogram != nullptr &&
         later.histogram->contains(*earlier.histogram);
}

void subtract_counts(point& sum, const point& part) {
  sum.number -= part.number;
  if (part.histogram == nullptr) return;
  sum.histogram =
      std::make_shared<const histogram_data>(sum.histogram->difference(*part.histogram));
}

// Points by what they are counted for. What retired series of an exported series had counted is a point
// without a statement, besides maybe another one.
class point_index {
 public:
  explicit point_index(const std::vector<point>& points) {
    by_key_.reserve(points.size());
    for (const point& p : points) {
      const auto [place, fresh] = by_key_.try_emplace(key_of_point(p), p);
      if (!fresh) add_counts(p, place->second);
    }
  }

  [[nodiscard]] point* find(const point_key& key) {
    const auto known = by_key_.find(key);
    return known == by_key_.end() ? nullptr : &known->second;
  }
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [key, p] : by_key_) visit(key, p);
  }

 private:
  absl::flat_hash_map<point_key, point> by_key_;
};

// The difference of one instrument. A series that is there no more was retired: what it had counted
// when it was last seen is now a part of the rest of its exported series, or of all that has ended, and
// is taken off there.
class metric_change {
 public:
  metric_change(const std::vector<point>& later, const std::vector<point>& earlier)
      : later_{later}, after_{later}, before_{earlier} {
    before_.for_each([this](const point_key& key, const point& p) {
      point* const current = after_.find(key);
      if (current == nullptr || !goes_on(*current, p)) move_on(key, p);
    });
  }

  [[nodiscard]] std::vector<point> points() {
    std::vector<point> changed;
    for (const point& p : later_) {
      point* const current = after_.find(key_of_point(p));
      if (!current->series) continue;  // its second point
      point change = std::exchange(*current, {});
      if (const point* then = before_.find(key_of_point(p)); then && goes_on(change, *then)) {
        if (change.histogram != nullptr && change.histogram == then->histogram) continue;
        subtract_counts(change, *then);
      } else {
        change.number -= change.series->at_start;
      }
      const auto moved = moved_.find(key_of_point(p));
      if (moved != moved_.end() && goes_on(change, moved->second))
        subtract_counts(change, moved->second);
      if (has_counted(change)) changed.push_back(std::move(change));
    }
    return changed;
  }

  /// What series that ended in between had counted before.
  [[nodiscard]] const point& ended() const noexcept { return ended_; }

 private:
  void move_on(const point_key& key, const point& p) {
    const point_key rest{key.first, nullptr};
    const bool has_rest = key != rest && after_.find(rest) != nullptr;
    add_counts(p, has_rest ? moved_[rest] : ended_);
  }

  const std::vector<point>& later_;
  point_index after_;
  point_index before_;
  absl::flat_hash_map<point_key, point> moved_;
  point ended_;
};

// Mostly nothing has ended or begun anew: each point has its place of before, and new ones follow. Then nothing needs to
// be looked for.
bool is_continued(const std::vector<point>& later, const std::vector<point>& earlier) {
  if (later.size() < earlier.size()) return false;
  for (std::size_t i = 0; i < later.size(); ++i) {
    if (later[i].is_of_retired) return false;
    if (i >= earlier.size()) continue;
    if (earlier[i].is_of_retired || key_of_point(later[i]) != key_of_point(earlier[i]) ||
        !goes_on(later[i], earlier[i]))
      return false;
  }
  return true;
}

std::vector<point> continued_points(const std::vector<point>& later,
                                    const std::vector<point>& earlier) {
  std::vector<point> changed;
  for (std::size_t i = 0; i < later.size(); ++i) {
    const bool is_known = i < earlier.size();
    if (is_known && later[i].histogram != nullptr && later[i].histogram == earlier[i].histogram)
      continue;
    point change = later[i];
    if (is_known) {
      subtract_counts(change, earlier[i]);
    } else {
      change.number -= change.series->at_start;
    }
    if (has_counted(change)) changed.push_back(std::move(change));
  }
  return changed;
}

const metric* metric_named(const snapshot& snapshot, std::string_view name) {
  const auto found = std::ranges::find_if(
      snapshot.metrics, [&](const auto& metric) { return metric->instrument->name == name; });
  return found == snapshot.metrics.end() ? nullptr : found->get();
}

const point* retired_named(const snapshot& snapshot, std::string_view name) {
  const auto found = std::ranges::find_if(
      snapshot.retired, [&](const point& p) { return p.series->instrument->name == name; });
  return found == snapshot.retired.end() ? nullptr : &*found;
}

// Calls of retired series that were recorded after the earlier snapshot, and before they ended.
void add_retired(const snapshot& later, const snapshot& earlier, std::string_view name,
                 const point& ended, std::vector<point>& retired) {
  const point* const current = retired_named(later, name);
  if (current == nullptr) return;
  point change = *current;
  for (const point* const before : {retired_named(earlier, name), &ended}) {
    if (before != nullptr && has_counted(*before) && goes_on(change, *before))
      subtract_counts(change, *before);
  }
  if (has_counted(change)) retired.push_back(std::move(change));
}

}  // namespace

snapshot difference(const snapshot& later, const snapshot& earlier) {
  static const std::vector<point> nothing;
  snapshot change{.resource = later.resource,
                  .start = earlier.metrics.empty() ? later.start : earlier.time,
                  .time = later.time,
                  .span = later.span - earlier.span};
  for (const auto& current : later.metrics) {
    if (!is_counted(*current->instrument)) {
      change.metrics.push_back(current);
      continue;
    }
    const metric* const before = metric_named(earlier, current->instrument->name);
    if (before == current.get()) continue;
    const std::vector<point>& earlier_points = before == nullptr ? nothing : before->points;
    metric fresh{current->instrument};
    point ended;
    if (is_continued(current->points, earlier_points)) {
      fresh.points = continued_points(current->points, earlier_points);
    } else {
      metric_change changed{current->points, earlier_points};
      fresh.points = changed.points();
      ended = changed.ended();
    }
    if (!fresh.points.empty())
      change.metrics.push_back(std::make_shared<const metric>(std::move(fresh)));
    add_retired(later, earlier, current->instrument->name, ended, change.retired);
  }
  // Instruments all of whose series have ended.
  for (const point& p : later.retired) {
    const std::string_view name = p.series->instrument->name;
    if (metric_named(later, name) != nullptr) continue;
    const metric* const before = metric_named(earlier, name);
    const metric_change changed{nothing, before == nullptr ? nothing : before->points};
    add_retired(later, earlier, name, changed.ended(), change.retired);
  }
  return change;
}

}  // namespace querytap
