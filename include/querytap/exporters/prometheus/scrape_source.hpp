#pragma once

#include <querytap/exporters/prometheus/scrape_format.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace querytap {

/// Metrics that another library keeps, to be served beside ours: see prometheus_registry.
///
/// Threads  append() is called by one thread at a time.
class scrape_source {
 public:
  using name_filter = std::function<bool(std::string_view family)>;

  virtual ~scrape_source() = default;

  /// Appends the families that `wanted` lets through, each as a whole, without the end of a scrape.
  virtual void append(scrape_format as, const name_filter& wanted, std::string& to) = 0;
};

}  // namespace querytap
