#pragma once

#include <querytap/runtime/watch/report_listener.hpp>

namespace querytap {

class otlp_exporter;

/// Sends the reports of a query_watch to an OpenTelemetry collector: slow, failed and running calls and
/// findings as events (otlp_events.hpp), requests that were slow or failed as spans (otlp_spans.hpp),
/// children of their callers' spans. This is tail sampling without a tracing SDK.
///
///     otlp_exporter exporter{recorder};
///     query_watch watch{recorder, {.listeners = {std::make_shared<otlp_reports>(exporter)}}};
///
/// Threads  as report_listener.
/// Errors   a record that finds the exporter's queue full is dropped, and counted there.
/// Lifetime the exporter must outlive the watch.
class otlp_reports final : public report_listener {
 public:
  explicit otlp_reports(otlp_exporter& exporter) noexcept : exporter_{exporter} {}

  void report(const call_report& call) override;
  void report(const request_report& request) override;
  void report(const finding& finding) override;

 private:
  otlp_exporter& exporter_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/otlp.hpp>
#endif
