#pragma once

#include <querytap/exporters/prometheus/scrape_format.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace querytap {

/// Metrics of another library, served besides those of a recorder: see prometheus_registry.
///
/// Threads  append() is called by one thread at a time.
class scrape_source {
 public:
  using name_filter = std::function<bool(std::string_view family)>;

  virtual ~scrape_source() = default;

  /// Appends the families that `accepts` returns true for, each as a whole, without the end of a
  /// scrape.
  virtual void append(scrape_format format, const name_filter& accepts, std::string& body) = 0;
};

}  // namespace querytap
