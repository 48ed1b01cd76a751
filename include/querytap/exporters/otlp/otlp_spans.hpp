#pragma once

#include <querytap/snapshot/request_report.hpp>
#include <querytap/snapshot/span_record.hpp>

#include <vector>

namespace querytap {

/// A request as the spans of a trace: itself first, as a server's, and each of its calls that is
/// known one by one, as a client's within.
///
///     for (span_record& one : to_spans(report)) exporter.send(std::move(one));
///
/// The ids of the calls are made from that of the request, the same each time, so that a report that
/// is sent twice makes no second trace. `querytap.request.calls_left_out` tells of the calls that
/// have no span, `querytap.request.application.duration` of the time that no backend took.
///
/// Threads  a pure function.
/// Source   OpenTelemetry semantic conventions 1.44, database client spans.
[[nodiscard]] std::vector<span_record> to_spans(const request_report& report);

}  // namespace querytap
