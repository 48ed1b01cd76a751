#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/exporters/otlp/otlp_payload.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>

namespace querytap {

namespace detail {
class otlp_metrics_encoder;
}

enum class otlp_temporality : std::uint8_t { cumulative, delta };
enum class otlp_histograms : std::uint8_t { explicit_bounds, exponential };

struct otlp_metrics_options {
  /// Delta: counters and histograms report what happened since the snapshot before; up-down
  /// counters and gauges still report their value.
  otlp_temporality temporality = otlp_temporality::cumulative;
  /// The exported buckets: those at the bounds of the conventions and at the service level
  /// thresholds, or base-2 exponential buckets at scale 3. Both are exact sums of the same counts.
  otlp_histograms histograms = otlp_histograms::explicit_bounds;
  bool exemplars = true;
  otlp_scope scope = {};
};

/// Renders snapshots as OTLP: the bytes of an ExportMetricsServiceRequest.
///
///     otlp_metrics format;
///     const otlp_payload request = format.render(recorder.collect());
///     post("/v1/metrics", "application/x-protobuf", request.body);
///
/// The statements of one summary leave as one series. Text leaves as valid UTF-8, with any input: a
/// collector would refuse the whole request otherwise.
///
/// Units    seconds for what is recorded in nanoseconds, whole units for the rest.
/// Threads  one at a time.
/// Cost     attributes are encoded once for each series; a request copies them and appends numbers.
///          bench/exporters/otlp/otlp_bench.cpp.
/// Source   opentelemetry-proto 1.11, metrics/v1.
class otlp_metrics {
 public:
  explicit otlp_metrics(otlp_metrics_options options = {});
  ~otlp_metrics();
  otlp_metrics(otlp_metrics&&) noexcept;
  otlp_metrics& operator=(otlp_metrics&&) noexcept;

  /// With delta temporality, what was recorded after `previous`; an empty snapshot stands for the
  /// start. Series to which nothing happened are then left out, and so are minimum and maximum,
  /// which two snapshots do not determine.
  [[nodiscard]] otlp_payload render(const snapshot& current, const snapshot& previous = {});

 private:
  std::unique_ptr<detail::otlp_metrics_encoder> encoder_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/otlp_format.hpp>
#endif
