#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <memory>
#include <vector>

namespace querytap::detail {

/// The metrics that Prometheus' client libraries export of their process, under the names of those, and the
/// build of querytap. A value that the system does not provide is left out.
///
///     for (auto& metric : process.collect()) snapshot.metrics.push_back(metric);
///
/// Source   Prometheus, writing client libraries, standard metrics; proc(5).
class process_metrics {
 public:
  process_metrics();
  [[nodiscard]] std::vector<std::shared_ptr<const metric>> collect() const;

 private:
  std::vector<std::shared_ptr<const series_identity>> series_;  // in the order of the instruments
};

}  // namespace querytap::detail
