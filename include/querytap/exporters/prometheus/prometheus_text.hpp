#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/exporters/prometheus/family_filter.hpp>

#include <string>
#include <string_view>

namespace querytap {

struct snapshot;

namespace detail {
class text_exposition;
}

/// Renders snapshots as Prometheus text 0.0.4.
///
///     prometheus_text format;
///     format.render(recorder.collect(), body);       // scrapes use the body's memory again
///
/// Histograms leave as classic buckets at the explicit bounds and service level thresholds. The
/// statements of one summary leave as one series. Whatever instruments and attributes are called,
/// the text is valid: an instrument whose name is another's gets a number, a series whose labels
/// are another's the label `querytap_duplicate`, and `querytap_scrape_renamed` counts both; label
/// values leave as valid UTF-8.
///
/// Threads  one at a time.
/// Cost     labels are rendered once for each series; a scrape copies them and writes integers.
///          bench/exporters/prometheus/text_bench.cpp.
/// Source   Prometheus exposition formats, text 0.0.4.
class prometheus_text {
 public:
  static constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

  prometheus_text();
  ~prometheus_text();
  prometheus_text(prometheus_text&&) noexcept;
  prometheus_text& operator=(prometheus_text&&) noexcept;

  /// Replaces the content of `body`.
  void render(const snapshot& snapshot, std::string& body);
  /// The same with the families that `accepts` returns true for; it is called for each, in their
  /// order.
  void render(const snapshot& snapshot, const family_filter& accepts, std::string& body);
  [[nodiscard]] std::string render(const snapshot& snapshot);

 private:
  std::unique_ptr<detail::text_exposition> exposition_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/prometheus.hpp>
#endif
