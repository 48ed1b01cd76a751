#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <string>

namespace querytap {

/// The whole of a snapshot as one JSON document, for pages, tools and tests.
///
///     const std::string document = to_json(recorder.collect());
///
///     {"resource": {"service.name": "chatbot"},
///      "start": "2026-01-31T12:00:00.000Z", "time": "2026-01-31T12:01:00.000Z",
///      "metrics": [
///        {"name": "db.client.operation.duration", "unit": "s", "kind": "histogram",
///         "description": "…", "prometheus": "db_client_operation_duration_seconds",
///         "points": [
///           {"attributes": {"db.system.name": "sqlite", "server.port": 5433},
///            "statement": {"fingerprint": "00c0ffee00c0ffee", "text": "select ?", "summary": "…"},
///            "count": 2, "sum": 0.5, "min": 0.1, "max": 0.4,
///            "p50": 0.12, "p95": 0.39, "p99": 0.4,
///            "buckets": [[0.1, 1], [0.5, 1]],
///            "exemplars": [{"value": 0.4, "time": "…", "trace_id": "…", "span_id": "…"}]}]},
///        {"name": "querytap.lanes", …, "points": [{"attributes": {}, "value": 12}]}],
///      "active": [{"attributes": {…}, "statement": {…}, "seconds": 3.2}]}
///
/// `buckets` are those at the explicit bounds that are not empty: upper bound and how many values
/// lie between it and the bound before; what is above the last bound has null in its place.
/// `statement` and `exemplars` are left out where there are none. Statements are not merged: two
/// points with the same attributes differ in their statement.
///
/// Units    as exported: seconds for `s`.
/// Errors   none: bytes that are no UTF-8 become U+FFFD, numbers that JSON lacks null.
[[nodiscard]] std::string to_json(const snapshot& from);

}  // namespace querytap
