#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/exporters/prometheus/scrape_source.hpp>

#include <prometheus/collectable.h>

namespace querytap {

/// The metrics of an existing prometheus-cpp registry, served with a recorder's in every format.
///
///     endpoint.add(std::make_shared<prometheus_registry>(registry));
///
/// prometheus-cpp has neither exemplars nor native histograms: its histograms leave with their
/// classic buckets, in protobuf too. What would make the whole scrape unreadable is mended, such as
/// a value that is no UTF-8; a family whose name no reader takes is left out.
///
/// Lifetime stores a weak reference, as an Exposer does: a registry that was destroyed has no
///          metrics.
class prometheus_registry final : public scrape_source {
 public:
  explicit prometheus_registry(std::weak_ptr<prometheus::Collectable> registry)
      : registry_{std::move(registry)} {}

  void append(scrape_format format, const family_filter& accepts, std::string& body) override;

 private:
  std::weak_ptr<prometheus::Collectable> registry_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/prometheus_cpp.hpp>
#endif
