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
///      "active": [{"attributes": {…}, "statement": {…}, "seconds": 3.2}],
///      "active_requests": [{"name": "POST /chat", "seconds": 3.3}], "pools": […],
///      "slow": […], "requests": […], "findings": […], "sources": […],
///      "recent": [{"window": "1 min", "start": "…", "seconds": 61.2, "metrics": […]}]}
///
/// `buckets` has those at the explicit bounds that are not empty: the upper bound, and how many
/// values lie between that bound and the one before; null stands for the bound of values above the
/// last. `statement` and `exemplars` are left out where there are none. Statements are not merged:
/// two points with the same attributes differ in their statement. `recent` has the histograms and
/// counters of the last 1, 5 and 60 minutes, as far as they are known; `seconds` says what a window covers
/// in truth. The items of `pools`, `slow`, `requests` and `findings` are described below.
///
/// Units    as exported: seconds for `s`.
/// Errors   none: bytes that are not UTF-8 become U+FFFD, numbers that JSON lacks become null.
[[nodiscard]] std::string to_json(const snapshot& snapshot);

/// One call that was slow, failed or still runs, as one line of JSON.
///
///     {"type": "slow_query", "number": 7, "class": "slow", "start": "2026-01-31T12:00:00.000Z",
///      "duration": 0.912, "threshold": 0.1, "phases": {"execute": 0.9, "fetch": 0.012},
///      "pool_wait": 0.2, "system": "postgresql", "namespace": "chatbot",
///      "server": {"address": "10.0.0.7", "port": 5433},
///      "statement": {"fingerprint": "00c0ffee00c0ffee", "text": "select ?", "summary": "…"},
///      "rows": 3, "retries": 1, "error": {"type": "57014", "status_code": "57014"},
///      "waits_for": "Lock: transactionid", "call_site": "src/store.cpp:42", "function": "find",
///      "request": "POST /chat", "trace_id": "…", "span_id": "…", "thread": 4711,
///      "parameters": "…", "full_scan_steps": 100000, "sorts": 1, "automatic_index_rows": 500,
///      "sqlstate": "70100", "affected_rows": 5, "batch_size": 5, "used_no_index": true,
///      "vm_steps": 1500000, "reprepares": 1, "filter_hits": 20, "filter_misses": 99980,
///      "statement_memory": 6200,
///      "plan": {"shape": "0123456789abcdef",
///               "root": {"operation": "Sort", "table": "…", "index": "…", "condition": "…",
///                        "rows": 1000, "cost": 12.5, "width": 40, "inputs": [{…}]},
///               "generic": true, "note": "…"},
///      "plan_error": "the server refuses with SQLSTATE 42P01"}
///
/// What is not known or 0 is left out, except `number`, `duration`, `phases` and `system`; a phase
/// that took no time is left out of `phases`.
///
/// Units    seconds; times are UTC.
/// Errors   none: bytes that are not UTF-8 become U+FFFD, numbers that JSON lacks become null.
[[nodiscard]] std::string to_json(const call_report& report);

/// Where the time of one request went, as one line of JSON.
///
///     {"type": "request", "number": 3, "name": "POST /chat", "start": "…", "duration": 0.9,
///      "application": 0.1, "error": {"type": "timeout"}, "trace_id": "…", "span_id": "…",
///      "parent_span_id": "…",
///      "backends": [{"system": "postgresql", "calls": 12, "errors": 0, "rows": 34, "retries": 0,
///                    "duration": 0.8, "phases": {"execute": 0.8}}],
///      "statements": [{"system": "postgresql", "namespace": "chatbot",
///                      "server": {"address": "db.example", "port": 5433},
///                      "statement": {…}, "call_site": "src/store.cpp:42",
///                      "function": "find", "calls": 11, "errors": 0, "rows": 11,
///                      "duplicates": 3, "duration": 0.4, "slowest": 0.05}],
///      "calls": [{"statement": 0, "begin": 0.001, "duration": 0.04, "rows": 3},
///                {"statement": 0, "begin": 0.05, "duration": 0.05, "failed": true,
///                 "error": {"type": "23505", "status_code": "23505"}}],
///      "calls_left_out": 0, "other_statements": 0,
///      "waits": [{"pool": "documents", "begin": 0.001, "duration": 5.0, "failed": true}],
///      "waits_left_out": 1,
///      "stages": [{"stage": "retrieve", "strategy": "vector", "begin": 0.001, "duration": 0.04,
///                  "results": 10}],
///      "stages_left_out": 1, "left_out": 37}
///
/// A call's `statement` is an index into `statements`; `begin` counts from the start of the
/// request. `error`, `parent_span_id`, `namespace`, `server`, `call_site`, `function`, `rows`, `failed`,
/// `waits`, `waits_left_out`, `stages`, `strategy`, `results`, `stages_left_out` and `left_out` are left out where there are none, or it is not known.
///
/// Units and Errors as above.
[[nodiscard]] std::string to_json(const request_report& report);

/// The state of a pool, and who has its objects, as one line of JSON.
///
///     {"type": "pool", "name": "documents", "maximum": 10, "used": 1, "waiting": 2,
///      "longest_wait": 1.5, "timeouts": 0,
///      "leases": [{"number": 17, "age": 45.0, "call_site": "src/store.cpp:42", "function": "find",
///                  "request": "POST /chat", "server_pid": 4711, "thread": 99}]}
///
/// What is not known or 0 is left out, except the numbers of the first line, `timeouts`, `number` and
/// `age`.
///
/// Units and Errors as above.
[[nodiscard]] std::string to_json(const pool_report& report);

/// A finding as one line of JSON.
///
///     {"type": "finding", "number": 1, "kind": "n_plus_one", "time": "…", "seen": 4,
///      "message": "…", "advice": "…", "system": "postgresql", "statement": {…}, "table": "…", "pool": "…",
///      "call_site": "src/store.cpp:42", "function": "find", "request": "POST /chat",
///      "calls": 11, "cost": 0.4, "evidence": {"…": 11}}
///
/// What is not known or 0 is left out, except `evidence`.
///
/// Units and Errors as above.
[[nodiscard]] std::string to_json(const finding& finding);

/// What a server, the host or the process said of itself, but for the metrics, as one line of JSON.
///
///     {"type": "source", "name": "postgresql db:5432", "state": "fresh", "time": "…", "took": 0.02,
///      "error": "no answer in time", "values": 312,
///      "statements": [{"statement": {…}, "database": "chatbot", "calls": 120, "seconds": 0.24,
///                      "server": {"calls": 150, "seconds": 0.15, "rows": 150, "rows_examined": 9000,
///                                 "blocks_read": 3, "blocks_hit": 600, "spilled_bytes": 0, "errors": 0},
///                      "outside_server": 0.001, "remark": "other clients made 30 or more …"}],
///      "unavailable": [{"name": "postgresql.io", "reason": "needs PostgreSQL 16"}]}
///
/// `outside_server` is per call, and left out where one of the two counts is 0.
///
/// Units    seconds; times are UTC.
/// Errors   none: bytes that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string to_json(const source_report& report);

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/json.hpp>
#endif
