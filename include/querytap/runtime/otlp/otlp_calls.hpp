#pragma once

#include <querytap/runtime/watch/call_listener.hpp>

namespace querytap {

class otlp_exporter;

/// Sends what a query_watch tells to an OpenTelemetry collector: slow, failed and running calls and
/// findings as events (otlp_events.hpp), requests that were slow or failed as spans (otlp_spans.hpp),
/// children of their caller's. That is tail sampling, and needs no tracing SDK.
///
///     otlp_exporter exporter{recorder};
///     query_watch watch{recorder, {.listeners = {std::make_shared<otlp_calls>(exporter)}}};
///
/// Threads  as call_listener.
/// Errors   what the exporter has no room for is dropped, and counted there.
/// Lifetime the exporter must outlive the watch.
class otlp_calls final : public call_listener {
 public:
  explicit otlp_calls(otlp_exporter& to) noexcept : to_{to} {}

  void tell(const slow_query& one) override;
  void tell(const request_report& one) override;
  void tell(const finding& one) override;

 private:
  otlp_exporter& to_;
};

}  // namespace querytap
