#include "json_values.hpp"

#include <querytap/exporters/json/json.hpp>

#include <string_view>

namespace querytap {
namespace detail {
namespace {

// A value that is not known is left out: an empty text and a missing one mean the same.
void add_known(json& object, const char* key, std::string_view text) {
  if (!text.empty()) object[key] = text;
}

void add_known(json& object, const char* key, std::uint64_t number) {
  if (number != 0) object[key] = number;
}

void add_known(json& object, const char* key, std::chrono::nanoseconds duration) {
  if (duration.count() != 0) object[key] = seconds_of(duration);
}

void add_known(json& object, const call_site& site) {
  add_known(object, "call_site", to_string(site));
  add_known(object, "function", site.function);
}

void add_known(json& object, const std::shared_ptr<const statement_identity>& statement) {
  if (statement != nullptr) object["statement"] = json_of(*statement);
}

// Of a call_report, or of a statement_share.
template <class Called>
void add_server(json& object, const Called& called) {
  add_known(object, "namespace", called.database);
  if (called.server_address.empty()) return;
  object["server"] = {{"address", called.server_address}};
  add_known(object["server"], "port", called.server_port);
}

void add_error(json& object, std::string_view type, std::string_view status_code = {}) {
  if (type.empty()) return;
  object["error"] = {{"type", type}};
  add_known(object["error"], "status_code", status_code);
}

void add_trace(json& object, const trace_context& trace) {
  object["trace_id"] = trace_id_text(trace);
  object["span_id"] = span_id_text(trace);
}

// What SQLite counts while it executes; 0 with every other server.
void add_sqlite_counters(json& object, const call_report& report) {
  add_known(object, "full_scan_steps", report.full_scan_steps);
  add_known(object, "sorts", report.sorts);
  add_known(object, "automatic_index_rows", report.automatic_index_rows);
  add_known(object, "vm_steps", report.vm_steps);
  add_known(object, "reprepares", report.reprepares);
  add_known(object, "filter_hits", report.filter_hits);
  add_known(object, "filter_misses", report.filter_misses);
  add_known(object, "statement_memory", report.statement_memory);
}

// What a client of MariaDB or MySQL is told with each answer, and sets in a batch.
void add_answer(json& object, const call_report& report) {
  add_known(object, "sqlstate", report.sqlstate);
  if (report.affected_rows.has_value()) object["affected_rows"] = *report.affected_rows;
  add_known(object, "batch_size", report.batch_size);
  if (report.used_no_index) object["used_no_index"] = true;
}

json part_json(const backend_share& share) {
  return {{"system", share.system},         {"calls", share.calls},
          {"errors", share.errors},         {"rows", share.rows},
          {"retries", share.retries},       {"duration", seconds_of(share.phases.total())},
          {"phases", json_of(share.phases)}};
}

json part_json(const statement_share& share) {
  json object{{"system", share.system}};
  add_server(object, share);
  add_known(object, share.statement);
  add_known(object, share.site);
  object["calls"] = share.calls;
  object["errors"] = share.errors;
  object["rows"] = share.rows;
  object["duplicates"] = share.duplicates;
  object["duration"] = seconds_of(share.time);
  object["slowest"] = seconds_of(share.slowest);
  return object;
}

json part_json(const request_call& call) {
  json object{{"statement", call.statement},
              {"begin", seconds_of(call.begin)},
              {"duration", seconds_of(call.duration)}};
  if (call.rows.has_value()) object["rows"] = *call.rows;
  if (call.failed) object["failed"] = true;
  add_error(object, call.error_type, call.status_code);
  return object;
}

json part_json(const pool_wait& wait) {
  json object{{"pool", wait.pool},
              {"begin", seconds_of(wait.begin)},
              {"duration", seconds_of(wait.duration)}};
  if (wait.failed) object["failed"] = true;
  return object;
}

json part_json(const request_stage& stage) {
  json object{{"stage", stage.stage}};
  add_known(object, "strategy", stage.strategy);
  object["begin"] = seconds_of(stage.begin);
  object["duration"] = seconds_of(stage.duration);
  if (stage.results.has_value()) object["results"] = *stage.results;
  if (stage.failed) object["failed"] = true;
  return object;
}

template <class Part>
json part_list(const std::vector<Part>& parts) {
  json list = json::array();
  for (const Part& part : parts) list.push_back(part_json(part));
  return list;
}

json request_json(const request_report& report, bool is_brief) {
  json object{{"type", "request"},
              {"number", report.number},
              {"name", report.name},
              {"start", time_text(report.start)},
              {"duration", seconds_of(report.duration)},
              {"application", seconds_of(report.application)}};
  add_error(object, report.error_type);
  add_trace(object, report.self);
  if (report.caller.has_value()) object["parent_span_id"] = span_id_text(*report.caller);
  object["backends"] = part_list(report.backends);
  if (!is_brief) object["statements"] = part_list(report.statements);
  if (!is_brief) object["calls"] = part_list(report.calls);
  object["calls_left_out"] = report.calls_left_out;
  object["other_statements"] = report.other_statements;
  if (!is_brief && !report.waits.empty()) object["waits"] = part_list(report.waits);
  add_known(object, "waits_left_out", report.waits_left_out);
  if (!is_brief && !report.stages.empty()) object["stages"] = part_list(report.stages);
  add_known(object, "stages_left_out", report.stages_left_out);
  add_known(object, "left_out", report.left_out);
  return object;
}

}  // namespace

json json_of(const call_report& report) {
  json object{{"type", "slow_query"},
              {"number", report.number},
              {"class", to_string(report.reason)},
              {"start", time_text(report.start)},
              {"duration", seconds_of(report.duration)}};
  add_known(object, "threshold", report.threshold);
  object["phases"] = json_of(report.phases);
  add_known(object, "pool_wait", report.pool_wait);
  object["system"] = report.system;
  add_server(object, report);
  add_known(object, report.statement);
  if (report.rows.has_value()) object["rows"] = *report.rows;
  add_known(object, "retries", report.retries);
  add_error(object, report.error_type, report.status_code);
  add_known(object, "waits_for", report.waits_for);
  add_known(object, report.site);
  add_known(object, "request", report.request);
  if (report.trace.has_value()) add_trace(object, *report.trace);
  add_known(object, "thread", report.thread);
  add_known(object, "parameters", report.parameters);
  add_sqlite_counters(object, report);
  add_answer(object, report);
  if (report.plan != nullptr) object["plan"] = json_of(*report.plan);
  add_known(object, "plan_error", report.plan_error);
  return object;
}

json json_of(const request_report& report) { return request_json(report, false); }
json brief_of(const request_report& report) { return request_json(report, true); }

json json_of(const pool_lease& lease) {
  json object{{"number", lease.number}, {"age", seconds_of(lease.age)}};
  add_known(object, lease.site);
  add_known(object, "request", lease.request);
  add_known(object, "server_pid", lease.server_pid);
  add_known(object, "thread", lease.thread);
  return object;
}

json brief_of(const pool_report& report) {
  json object{{"type", "pool"},
              {"name", report.name},
              {"maximum", report.maximum},
              {"used", report.used},
              {"waiting", report.waiting}};
  add_known(object, "longest_wait", report.longest_wait);
  object["timeouts"] = report.timeouts;
  add_known(object, "minimum", report.minimum);
  add_known(object, "idle", report.idle);
  add_known(object, "connecting", report.connecting);
  add_known(object, "age", report.age);
  add_known(object, "uses", report.uses);
  add_known(object, "use_time", report.use_time);
  return object;
}

json json_of(const pool_report& report) {
  json object = brief_of(report);
  object["leases"] = json::array();
  for (const pool_lease& lease : report.leases) object["leases"].push_back(json_of(lease));
  return object;
}

json json_of(const finding& finding) {
  json object{{"type", "finding"},
              {"number", finding.number},
              {"kind", to_string(finding.kind)},
              {"time", time_text(finding.time)},
              {"seen", finding.seen},
              {"message", finding.message}};
  add_known(object, "advice", finding.advice);
  add_known(object, "system", finding.system);
  add_known(object, finding.statement);
  add_known(object, "table", finding.table);
  add_known(object, "pool", finding.pool);
  add_known(object, "tenant", finding.tenant);
  add_known(object, "component", finding.component);
  add_known(object, finding.site);
  add_known(object, "request", finding.request);
  add_known(object, "calls", finding.calls);
  add_known(object, "cost", finding.cost);
  object["evidence"] = json_of(finding.evidence);
  return object;
}

}  // namespace detail

std::string to_json(const call_report& report) {
  return detail::json_line(detail::json_of(report));
}
std::string to_json(const request_report& report) {
  return detail::json_line(detail::json_of(report));
}
std::string to_json(const pool_report& report) {
  return detail::json_line(detail::json_of(report));
}
std::string to_json(const finding& finding) { return detail::json_line(detail::json_of(finding)); }

}  // namespace querytap
