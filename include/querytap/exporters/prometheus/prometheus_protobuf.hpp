#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace querytap {

enum class histogram_form : std::uint8_t { native, classic, both };

struct prometheus_protobuf_options {
  /// Which buckets a histogram leaves with. With `both`, the server decides: one that reads native
  /// histograms keeps those (Prometheus 2.42 then drops the classic buckets, so that `_bucket`
  /// series end and dashboards on `le` go blank: use `classic` until they have moved on; later
  /// versions keep both where `always_scrape_classic_histograms` is set), one that does not finds
  /// the classic ones, and 2.42 takes exemplars from nowhere else. That is why it is the default.
  /// `native` saves a third of the bytes where neither matters.
  histogram_form histograms = histogram_form::both;
};

/// Renders snapshots as Prometheus' delimited protobuf, with native histograms and exemplars.
///
///     prometheus_protobuf format;
///     format.render(recorder.collect(), body);       // body keeps its memory from scrape to scrape
///
/// Native histograms have schema 3, that is 8 buckets for each power of two: any quantile is then
/// known to 4.4 %. The statements of one summary leave as one series.
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

  /// What `into` held before is gone.
  void render(const snapshot& from, std::string& into);
  [[nodiscard]] std::string render(const snapshot& from);

 private:
  class exposition;
  std::unique_ptr<exposition> exposition_;
};

}  // namespace querytap
