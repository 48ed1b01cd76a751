#pragma once

#include <querytap/exporters/otlp/otlp_metrics.hpp>
#include <querytap/snapshot/log_record.hpp>
#include <querytap/snapshot/span_record.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace querytap {

class recorder;

enum class otlp_encoding : std::uint8_t { protobuf, json };

/// What is not set here is taken from the environment: OTEL_EXPORTER_OTLP_* with the forms of each
/// signal first, OTEL_METRIC_EXPORT_*, OTEL_BSP_*, OTEL_BLRP_*,
/// OTEL_{METRICS,LOGS,TRACES}_EXPORTER; else it is OpenTelemetry's default. A value of the
/// environment that cannot be used is warned of once and counts as unset.
struct otlp_exporter_options {
  /// Where the collector listens, such as `http://localhost:4318`; `/v1/metrics` and the like are
  /// added.
  std::string endpoint = {};
  std::optional<otlp_encoding> encoding = {};
  std::optional<bool> gzip = {};
  std::optional<std::map<std::string, std::string>> headers = {};
  /// How long a request may take with all its retries; 0 for ever.
  std::optional<std::chrono::milliseconds> timeout = {};
  /// From one request of metrics to the next.
  std::optional<std::chrono::milliseconds> interval = {};
  std::optional<otlp_temporality> temporality = {};
  std::optional<otlp_histograms> histograms = {};
  /// How long the destructor may take to send what is left.
  std::chrono::milliseconds shutdown_timeout{2000};
  /// Told what goes wrong, each thing once, from any thread; nothing secret is in it. Empty: a line
  /// on stderr.
  std::function<void(std::string_view)> warn = {};
};

/// Sends what a recorder measures, and the log records and spans that it is handed, to an
/// OpenTelemetry collector: OTLP over HTTP, from a thread of its own.
///
///     otlp_exporter exporter{recorder};                                // http://localhost:4318
///     otlp_exporter other{recorder, {.endpoint = "https://collector:4318", .gzip = true}};
///
/// A request is tried again only where OTLP allows it, after what `Retry-After` asks for or else
/// twice as long as the time before, with jitter. Log records and spans wait in a bounded queue
/// while the collector is away; deltas go on from the last request that it answered.
///
/// The child of a fork has an exporter that works: it starts anew, with a thread of its own, and
/// sends nothing of its parent's. (ThreadSanitizer asks for die_after_fork=0 then.) Each process
/// tells its own `service.instance.id` if the resource has none.
///
/// Threads  one, and libcurl's for name servers. Any number may call; recording threads never wait.
/// Cost     send(): a lock held for a move, and a move.
/// Errors   configuration_error at construction for an option that cannot be used. What could not
///          be sent is counted, see dropped() and `otel.sdk.exporter.*`; nothing is thrown.
/// Lifetime the recorder must outlive it.
/// Source   OTLP 1.11 over HTTP; OpenTelemetry specification 1.60, OTLP exporter.
class otlp_exporter {
 public:
  explicit otlp_exporter(recorder& recorder, otlp_exporter_options options = {});
  ~otlp_exporter();
  otlp_exporter(const otlp_exporter&) = delete;
  otlp_exporter& operator=(const otlp_exporter&) = delete;

  /// False if it was dropped: the queue is full, the signal switched off, or the exporter shut
  /// down.
  bool send(log_record record);
  bool send(span_record record);

  /// Sends everything now, and waits for it. False if something is left or lost.
  bool flush(std::chrono::milliseconds within);

  /// Sends what is left and ends the thread, within this time whatever the collector does. False if
  /// something was lost. Only the first call does anything.
  bool shutdown(std::chrono::milliseconds within);

  /// Data points, log records and spans that will never arrive, by reason: an HTTP status,
  /// `timeout`, `not_connected`, `no_answer`, `rejected`, `queue_full`, `shutdown` …
  [[nodiscard]] std::map<std::string, std::uint64_t> dropped() const;

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace querytap
