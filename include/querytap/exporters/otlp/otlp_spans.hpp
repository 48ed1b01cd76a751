#pragma once

#include <querytap/snapshot/request_report.hpp>
#include <querytap/snapshot/span_record.hpp>

#include <vector>

namespace querytap {

/// A request as the spans of a trace: first the server span of the request, then a client span
/// within it for each call that the report lists.
///
///     for (span_record& span : to_spans(report)) exporter.send(std::move(span));
///
/// The ids of the calls are derived from the id of the request, the same each time, so that a
/// report that is sent twice makes no second trace. `querytap.request.calls_left_out` counts the
/// calls that have no span, `querytap.request.application.duration` is the time that no backend
/// took.
///
/// Threads  a pure function.
/// Source   OpenTelemetry semantic conventions 1.44, database client spans.
[[nodiscard]] std::vector<span_record> to_spans(const request_report& report);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/otlp_format.hpp>
#endif
