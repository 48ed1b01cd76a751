#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <memory>
#include <vector>

namespace querytap::detail {

/// What Prometheus' client libraries tell of their process, under their names, and which build of
/// querytap this is. What the system does not tell is left out.
///
///     for (auto& one : process.collect()) snapshot.metrics.push_back(one);
///
/// Source   Prometheus, writing client libraries, standard metrics; proc(5).
class process_metrics {
 public:
  process_metrics();
  [[nodiscard]] std::vector<std::shared_ptr<const metric>> collect() const;

 private:
  std::vector<std::shared_ptr<const series_identity>> series_;  // in the order of the table
};

}  // namespace querytap::detail
