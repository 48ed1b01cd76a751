#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/exporters/prometheus/family_filter.hpp>
#include <querytap/exporters/prometheus/prometheus_protobuf_options.hpp>

#include <string>
#include <string_view>

namespace querytap {

struct snapshot;

namespace detail {
class protobuf_exposition;
}

/// Renders snapshots as Prometheus' delimited protobuf, with native histograms and exemplars.
///
///     prometheus_protobuf format;
///     format.render(recorder.collect(), body);       // scrapes use the body's memory again
///
/// Native histograms have schema 3, that is 8 buckets for each power of two: any quantile is then
/// accurate to 4.4 %. The statements of one summary leave as one series.
///
/// Threads  one at a time.
/// Cost     labels are encoded once for each series, bench/exporters/prometheus/protobuf_bench.cpp.
/// Source   io.prometheus.client of Prometheus' client_model; Prometheus' native histograms.
class prometheus_protobuf {
 public:
  static constexpr std::string_view content_type =
      "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; "
      "encoding=delimited";

  explicit prometheus_protobuf(prometheus_protobuf_options options = {});
  ~prometheus_protobuf();
  prometheus_protobuf(prometheus_protobuf&&) noexcept;
  prometheus_protobuf& operator=(prometheus_protobuf&&) noexcept;

  /// Replaces the content of `body`.
  void render(const snapshot& snapshot, std::string& body);
  /// The same with the families that `accepts` returns true for; it is called for each, in their
  /// order.
  void render(const snapshot& snapshot, const family_filter& accepts, std::string& body);
  [[nodiscard]] std::string render(const snapshot& snapshot);

 private:
  std::unique_ptr<detail::protobuf_exposition> exposition_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/prometheus.hpp>
#endif
