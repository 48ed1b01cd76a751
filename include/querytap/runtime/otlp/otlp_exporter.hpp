#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/function.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/exporters/otlp/otlp_metrics.hpp>
#include <querytap/snapshot/log_record.hpp>
#include <querytap/snapshot/span_record.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace querytap {

class recorder;

enum class otlp_encoding : std::uint8_t { protobuf, json };

/// An option that is not set has its value from the environment: OTEL_EXPORTER_OTLP_*, the forms for a
/// single signal first, OTEL_METRIC_EXPORT_*, OTEL_BSP_*, OTEL_BLRP_*, OTEL_{METRICS,LOGS,TRACES}_EXPORTER;
/// else OpenTelemetry's default. A value of the environment that cannot be used causes one warning and
/// counts as unset.
struct otlp_exporter_options {
  /// Where the collector listens, such as `http://localhost:4318`; `/v1/metrics` and the like are
  /// added.
  std::string endpoint = {};
  std::optional<otlp_encoding> encoding = {};
  std::optional<bool> gzip = {};
  std::optional<std::map<std::string, std::string>> headers = {};
  /// How long a request may take with all its retries; 0 for no limit.
  std::optional<std::chrono::milliseconds> timeout = {};
  /// From one request of metrics to the next.
  std::optional<std::chrono::milliseconds> interval = {};
  std::optional<otlp_temporality> temporality = {};
  std::optional<otlp_histograms> histograms = {};
  /// How long the destructor may take to send the rest.
  std::chrono::milliseconds shutdown_timeout{2000};
  /// Called with each problem once, from any thread; the text has no secrets. Empty: a line on stderr.
  std::function<void(std::string_view)> warn = {};
};

/// Sends what a recorder measures, and log records and spans, to an OpenTelemetry collector: OTLP over HTTP,
/// from a thread of its own.
///
///     otlp_exporter exporter{recorder};                                // http://localhost:4318
///     otlp_exporter other{recorder, {.endpoint = "https://collector:4318", .gzip = true}};
///
/// A request is retried only where OTLP allows it, after twice the previous wait, with jitter, or the time in
/// `Retry-After` if that is longer. Log records and spans wait in a bounded queue while the collector cannot be
/// reached or asks for time; deltas start at the last request that was answered, or may have been received.
///
/// Totals may be received twice without harm, so a request of them that had no answer is sent again. Log records,
/// spans and deltas are sent at most once where there is no answer: a collector would store or add up both. Each
/// request of them has a connection of its own, since libcurl repeats a request on one that was used before. What
/// had no answer is counted as lost, as `no_answer` or `timeout`.
///
/// In the child of a fork the exporter starts anew, with a thread of its own, and sends nothing of the
/// parent's. (ThreadSanitizer needs die_after_fork=0 then.) Each process sends a `service.instance.id` of its
/// own if the resource has none.
///
/// Threads  one, and libcurl's for name servers. Called from any; recording threads never wait.
/// Cost     send(): a move, with a lock held.
/// Errors   configuration_error at construction for an option that cannot be used. A record that could
///          not be sent is counted, see dropped() and `otel.sdk.exporter.*`; nothing is thrown.
/// Lifetime the recorder must outlive it.
/// Source   OTLP 1.11 over HTTP; OpenTelemetry specification 1.60, OTLP exporter.
class otlp_exporter {
 public:
  explicit otlp_exporter(recorder& recorder, otlp_exporter_options options = {});
  ~otlp_exporter();
  otlp_exporter(const otlp_exporter&) = delete;
  otlp_exporter& operator=(const otlp_exporter&) = delete;

  /// False if the record was dropped: the queue is full, the signal switched off, or the exporter shut down.
  bool send(log_record record);
  bool send(span_record record);

  /// Sends everything now, and waits for that. False if a record is left or lost.
  bool flush(std::chrono::milliseconds within);

  /// Sends the rest and ends the thread, within this time whatever the collector does. False if a record was
  /// lost. Only the first call does anything.
  bool shutdown(std::chrono::milliseconds within);

  /// Data points, log records and spans that were lost, by reason: an HTTP status,
  /// `timeout`, `not_connected`, `no_answer`, `rejected`, `queue_full`, `shutdown` …
  [[nodiscard]] std::map<std::string, std::uint64_t> dropped() const;

 private:
  class implementation;
  std::unique_ptr<implementation> implementation_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/otlp.hpp>
#endif
