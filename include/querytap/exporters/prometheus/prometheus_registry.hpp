#pragma once

#include <querytap/exporters/prometheus/scrape_source.hpp>

#include <prometheus/collectable.h>

#include <memory>

namespace querytap {

/// The metrics of an existing prometheus-cpp registry, served with a recorder's in every format.
///
///     endpoint.add(std::make_shared<prometheus_registry>(registry));
///
/// prometheus-cpp has neither exemplars nor native histograms: its histograms leave with their
/// classic buckets, in protobuf too.
///
/// Lifetime stores a weak reference, as an Exposer does: a registry that was destroyed has no
///          metrics.
class prometheus_registry final : public scrape_source {
 public:
  explicit prometheus_registry(std::weak_ptr<prometheus::Collectable> registry)
      : registry_{std::move(registry)} {}

  void append(scrape_format format, const name_filter& accepts, std::string& body) override;

 private:
  std::weak_ptr<prometheus::Collectable> registry_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/prometheus_cpp.hpp>
#endif
