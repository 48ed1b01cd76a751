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

inline const attributes sqlite{{"db.system.name", "sqlite"}};
inline const attributes postgresql{{"db.system.name", "postgresql"}};

[[nodiscard]] inline std::shared_ptr<const statement_identity> statement_of(
    std::uint64_t fingerprint, std::string text) {
  return std::make_shared<const statement_identity>(
      statement_identity{.fingerprint = fingerprint, .text = std::move(text)});
}

[[nodiscard]] inline std::vector<point> all_points(const snapshot& snapshot) {
  std::vector<point> points;
  for (const auto& metric : snapshot.metrics) {
    points.insert(points.end(), metric->points.begin(), metric->points.end());
  }
  return points;
}

/// Puts snapshots together by hand, as a recorder would have collected them.
///
///     snapshot_builder builder;
///     builder.record(catalog::operation_duration, {{"db.system.name", "sqlite"}}, {2'000'000});
///     builder.add(catalog::connection_timeouts, {}, 3);
///     prometheus_text{}.render(builder.get());
class snapshot_builder {
 public:
  explicit snapshot_builder(std::vector<double> thresholds = {})
      : thresholds_{std::move(thresholds)} {}

  void set_resource(attribute item) { snapshot_.resource.set(std::move(item)); }

  void add(const instrument& instrument, attributes labels, std::int64_t number) {
    points(instrument).push_back({series(instrument, std::move(labels)), nullptr, nullptr, number});
  }

  void record(const instrument& instrument, attributes labels,
              const std::vector<std::uint64_t>& values,
              std::shared_ptr<const statement_identity> statement = nullptr) {
    const auto data = std::make_shared<histogram_data>(layout(instrument));
    for (const std::uint64_t value : values) data->record(value);
    points(instrument)
        .push_back({series(instrument, std::move(labels)), std::move(statement), data, 0});
  }

  void remove(const instrument& instrument, const attributes& labels) {
    std::erase_if(points(instrument),
                  [&](const point& p) { return p.series == series(instrument, labels); });
  }

  [[nodiscard]] snapshot get() const {
    snapshot built = snapshot_;
    for (const metric& built_metric : metrics_)
      built.metrics.push_back(std::make_shared<const metric>(built_metric));
    std::erase_if(built.metrics, [](const auto& metric) { return metric->points.empty(); });
    return built;
  }

 private:
  std::vector<point>& points(const instrument& instrument) {
    const auto known = std::ranges::find(metrics_, &instrument, &metric::instrument);
    return known != metrics_.end() ? known->points
                                   : metrics_.emplace_back(metric{&instrument}).points;
  }

  std::shared_ptr<const series_identity> series(const instrument& instrument, attributes labels) {
    const auto known = std::find_if(series_.begin(), series_.end(), [&](const auto& identity) {
      return identity->instrument == &instrument && identity->labels == labels;
    });
    if (known != series_.end()) return *known;
    return series_.emplace_back(
        std::make_shared<const series_identity>(series_identity{&instrument, std::move(labels)}));
  }

  std::shared_ptr<const bucket_layout> layout(const instrument& instrument) {
    auto& known = layouts_[&instrument];
    if (known == nullptr) {
      const auto& thresholds = instrument.unit == "s" ? thresholds_ : std::vector<double>{};
      known = bucket_layout::make(instrument, thresholds);
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
  snapshot_builder builder{{0.02, 0.3}};
  builder.set_resource({"service.name", service_name});
  for (const instrument* instrument : catalog::all) {
    attributes labels;
    for (const std::string_view key : instrument->attributes)
      labels.set({key, "a \"b\" \\ c\n\xFF ü"});
    if (instrument->kind == instrument_kind::histogram) {
      builder.record(*instrument, labels, {0, 1, 2'000'000, 30'000'000'000});
    } else {
      builder.add(*instrument, labels, 42);
    }
  }
  return builder.get();
}

}  // namespace querytap::testing
