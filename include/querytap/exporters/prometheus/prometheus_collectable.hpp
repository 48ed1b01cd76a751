#pragma once

#include <querytap/base/function.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

namespace querytap {

/// Lets a prometheus-cpp `Exposer` serve the metrics of a recorder besides the application's own.
///
///     auto ours = std::make_shared<prometheus_collectable>([&] { return recorder.collect(); });
///     exposer.RegisterCollectable(ours);       // stores a weak reference only
///
/// Threads  any number may collect at once if `collect` may be called so; recorder::collect() may.
class prometheus_collectable final : public prometheus::Collectable {
 public:
  explicit prometheus_collectable(std::function<snapshot()> collect)
      : collect_{std::move(collect)} {}

  [[nodiscard]] std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  std::function<snapshot()> collect_;
};

/// One snapshot as prometheus-cpp's families.
[[nodiscard]] std::vector<prometheus::MetricFamily> to_metric_families(const snapshot& snapshot);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/prometheus_cpp.hpp>
#endif
