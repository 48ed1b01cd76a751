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

/// Renders snapshots as OpenMetrics 1.0 text, with exemplars: the latest of each bucket.
///
///     open_metrics format;
///     format.render(recorder.collect(), body);       // scrapes use the body's memory again
///
/// Apart from that as prometheus_text: classic buckets, one series for the statements of one
/// summary. No `_created` samples: a server that does not ask for them stores each as one more
/// series.
///
/// Threads  one at a time.
/// Cost     as prometheus_text, bench/exporters/prometheus/text_bench.cpp.
/// Source   OpenMetrics 1.0.
class open_metrics {
 public:
  static constexpr std::string_view content_type =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  open_metrics();
  ~open_metrics();
  open_metrics(open_metrics&&) noexcept;
  open_metrics& operator=(open_metrics&&) noexcept;

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
