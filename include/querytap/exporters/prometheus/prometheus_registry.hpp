#pragma once

#include <querytap/exporters/prometheus/scrape_source.hpp>

#include <prometheus/collectable.h>

#include <memory>

namespace querytap {

/// The metrics of an existing prometheus-cpp registry, served along with ours in every format.
///
///     endpoint.add(std::make_shared<prometheus_registry>(registry));
///
/// prometheus-cpp knows neither exemplars nor native histograms: its histograms leave with their
/// classic buckets, in protobuf too.
///
/// Lifetime keeps a weak reference, as an Exposer does: a registry that is gone has no metrics.
class prometheus_registry final : public scrape_source {
 public:
  explicit prometheus_registry(std::weak_ptr<prometheus::Collectable> of) : of_{std::move(of)} {}

  void append(scrape_format as, const name_filter& wanted, std::string& to) override;

 private:
  std::weak_ptr<prometheus::Collectable> of_;
};

}  // namespace querytap
