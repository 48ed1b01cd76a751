#pragma once

#include <querytap/snapshot/catalog.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace querytap::testing {

[[nodiscard]] inline std::shared_ptr<const statement_identity> statement_of(
    std::uint64_t fingerprint, std::string text) {
  return std::make_shared<const statement_identity>(
      statement_identity{.fingerprint = fingerprint, .text = std::move(text)});
}

[[nodiscard]] inline std::vector<point> all_points(const snapshot& from) {
  std::vector<point> points;
  for (const auto& one : from.metrics) {
    points.insert(points.end(), one->points.begin(), one->points.end());
  }
  return points;
}

/// Puts snapshots together by hand, as a recorder would have collected them.
///
///     snapshot_builder now;
///     now.record(catalog::operation_duration, {{"db.system.name", "sqlite"}}, {2'000'000});
///     now.add(catalog::connection_timeouts, {}, 3);
///     prometheus_text{}.render(now.get());
class snapshot_builder {
 public:
  explicit snapshot_builder(std::vector<double> thresholds = {})
      : thresholds_{std::move(thresholds)} {}

  void set_resource(attribute item) { snapshot_.resource.set(std::move(item)); }

  void add(const instrument& what, attributes where, std::int64_t number) {
    points(what).push_back({series(what, std::move(where)), nullptr, nullptr, number});
  }

  void record(const instrument& what, attributes where, const std::vector<std::uint64_t>& values,
              std::shared_ptr<const statement_identity> statement = nullptr) {
    const auto data = std::make_shared<histogram_data>(layout(what));
    for (const std::uint64_t value : values) data->record(value);
    points(what).push_back({series(what, std::move(where)), std::move(statement), data, 0});
  }

  void remove(const instrument& what, const attributes& where) {
    std::erase_if(points(what), [&](const point& p) { return p.series == series(what, where); });
  }

  [[nodiscard]] snapshot get() const {
    snapshot built = snapshot_;
    for (const metric& one : metrics_) built.metrics.push_back(std::make_shared<const metric>(one));
    std::erase_if(built.metrics, [](const auto& one) { return one->points.empty(); });
    return built;
  }

 private:
  std::vector<point>& points(const instrument& what) {
    const auto known = std::ranges::find(metrics_, &what, &metric::instrument);
    return known != metrics_.end() ? known->points : metrics_.emplace_back(metric{&what}).points;
  }

  std::shared_ptr<const series_identity> series(const instrument& what, attributes where) {
    const auto known = std::find_if(series_.begin(), series_.end(), [&](const auto& one) {
      return one->instrument == &what && one->labels == where;
    });
    if (known != series_.end()) return *known;
    return series_.emplace_back(
        std::make_shared<const series_identity>(series_identity{&what, std::move(where)}));
  }

  std::shared_ptr<const bucket_layout> layout(const instrument& what) {
    auto& known = layouts_[&what];
    if (known == nullptr) {
      const auto& thresholds = what.unit == "s" ? thresholds_ : std::vector<double>{};
      known = bucket_layout::make(what, thresholds);
    }
    return known;
  }

  std::vector<double> thresholds_;
  snapshot snapshot_;
  std::vector<metric> metrics_;
  std::vector<std::shared_ptr<const series_identity>> series_;
  std::map<const instrument*, std::shared_ptr<const bucket_layout>> layouts_;
};

/// One series of every instrument of the catalog, with troublesome bytes in all the attributes that
/// it may have.
[[nodiscard]] inline snapshot every_instrument(std::string_view service_name) {
  snapshot_builder now{{0.02, 0.3}};
  now.set_resource({"service.name", service_name});
  for (const instrument* what : catalog::all) {
    attributes where;
    for (const std::string_view key : what->attributes) where.set({key, "a \"b\" \\ c\n\xFF ü"});
    if (what->kind == instrument_kind::histogram) {
      now.record(*what, where, {0, 1, 2'000'000, 30'000'000'000});
    } else {
      now.add(*what, where, 42);
    }
  }
  return now.get();
}

}  // namespace querytap::testing
