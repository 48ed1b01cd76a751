#pragma once

#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/log_record.hpp>

namespace querytap {

/// Reports and findings as OpenTelemetry events.
///
///     exporter.send(to_log_record(report));     // querytap.operation.slow, in its trace
///
/// A call is `querytap.operation.slow`, `querytap.operation.running` or, if it failed, timed out or
/// was cancelled, `querytap.operation.failed`. Its attributes are those of OpenTelemetry's
/// database, `code.*` and `thread.id` conventions; what the conventions lack is under `querytap.`:
///
///     querytap.operation.class      slow, running, error, timeout, cancelled
///     querytap.operation.duration   seconds, as are threshold, pool_wait and phase.<name>
///     querytap.operation.retries, .waits_for, .parameters, .full_scan_steps, .sorts,
///                        .automatic_index_rows, .sqlstate, .affected_rows, .used_no_index,
///                        .vm_steps, .reprepares, .filter_hits,
///                        .filter_misses, .statement_memory
///     querytap.statement            the fingerprint, 16 hexadecimal digits
///     querytap.request.name
///     querytap.plan.shape, querytap.plan.text
///
/// What is not known has no attribute.
///
/// Threads  pure functions.
/// Source   OpenTelemetry log data model; semantic conventions 1.44.
[[nodiscard]] log_record to_log_record(const call_report& report);

/// `querytap.finding`, with the message as the body and the evidence under
/// `querytap.finding.evidence.`.
[[nodiscard]] log_record to_log_record(const finding& finding);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/otlp_format.hpp>
#endif
