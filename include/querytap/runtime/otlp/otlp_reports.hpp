#pragma once

#include <querytap/runtime/watch/report_listener.hpp>

namespace querytap {

class otlp_exporter;

/// Sends what a query_watch tells to an OpenTelemetry collector: slow, failed and running calls and
/// findings as events (otlp_events.hpp), requests that were slow or failed as spans (otlp_spans.hpp),
/// children of their caller's. That is tail sampling, and needs no tracing SDK.
///
///     otlp_exporter exporter{recorder};
///     query_watch watch{recorder, {.listeners = {std::make_shared<otlp_reports>(exporter)}}};
///
/// Threads  as report_listener.
/// Errors   what the exporter has no room for is dropped, and counted there.
/// Lifetime the exporter must outlive the watch.
class otlp_reports final : public report_listener {
 public:
  explicit otlp_reports(otlp_exporter& to) noexcept : to_{to} {}

  void report(const call_report& one) override;
  void report(const request_report& one) override;
  void report(const finding& one) override;

 private:
  otlp_exporter& to_;
};

}  // namespace querytap
