#pragma once

#include <cstdint>

namespace querytap {

enum class histogram_form : std::uint8_t { native, classic, both };

/// How prometheus_protobuf renders.
struct prometheus_protobuf_options {
  /// The buckets of an exported histogram. With `both`, the default, the server decides. A server
  /// that reads native histograms stores those: Prometheus 2.42 then drops the classic buckets, so
  /// that `_bucket` series end and dashboards on `le` go blank (use `classic` until the dashboards
  /// are changed), later versions store both if `always_scrape_classic_histograms` is set. A server
  /// that does not read native histograms finds the classic buckets, and 2.42 takes exemplars only
  /// from classic buckets. `native` saves a third of the bytes where none of this matters.
  histogram_form histograms = histogram_form::both;
};

}  // namespace querytap
