#pragma once

#include <querytap/exporters/prometheus/family_filter.hpp>
#include <querytap/exporters/prometheus/scrape_format.hpp>

#include <string>

namespace querytap {

/// Metrics of another library, served besides those of a recorder: see prometheus_registry.
///
/// Threads  append() is called by one thread at a time.
class scrape_source {
 public:
  using name_filter = family_filter;

  virtual ~scrape_source() = default;

  /// Appends the families that `accepts` returns true for, each as a whole, without the end of a
  /// scrape. It takes the name of a counter without `_total`, and returns false for names that the
  /// scrape has already.
  virtual void append(scrape_format format, const family_filter& accepts, std::string& body) = 0;
};

}  // namespace querytap
