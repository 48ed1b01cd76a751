#pragma once

#include <querytap/exporters/prometheus/family_filter.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace querytap {

namespace detail {
class protobuf_exposition;
}

enum class histogram_form : std::uint8_t { native, classic, both };

struct prometheus_protobuf_options {
  /// The buckets of an exported histogram. With `both`, the default, the server decides. A server
  /// that reads native histograms stores those: Prometheus 2.42 then drops the classic buckets, so
  /// that `_bucket` series end and dashboards on `le` go blank (use `classic` until the dashboards
  /// are changed), later versions store both if `always_scrape_classic_histograms` is set. A server
  /// that does not read native histograms finds the classic buckets, and 2.42 takes exemplars only
  /// from classic buckets. `native` saves a third of the bytes where none of this matters.
  histogram_form histograms = histogram_form::both;
};

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
