#include "json_values.hpp"

#include <querytap/exporters/json/json.hpp>

#include <string_view>

namespace querytap {
namespace detail {
namespace {

// What is not known is left out: nobody has to tell an empty text from a missing one.
void add(json& to, const char* key, std::string_view text) {
  if (!text.empty()) to[key] = text;
}

void add(json& to, const char* key, std::uint64_t number) {
  if (number != 0) to[key] = number;
}

void add(json& to, const char* key, std::chrono::nanoseconds duration) {
  if (duration.count() != 0) to[key] = seconds_of(duration);
}

void add(json& to, const call_site& where) {
  add(to, "call_site", to_string(where));
  add(to, "function", where.function);
}

void add(json& to, const std::shared_ptr<const statement_identity>& statement) {
  if (statement != nullptr) to["statement"] = json_of(*statement);
}

void add_server(json& to, const call_report& one) {
  if (one.server_address.empty()) return;
  to["server"] = {{"address", one.server_address}};
  add(to["server"], "port", one.server_port);
}

void add_error(json& to, std::string_view type, std::string_view status_code = {}) {
  if (type.empty()) return;
  to["error"] = {{"type", type}};
  add(to["error"], "status_code", status_code);
}

void add_trace(json& to, const trace_context& trace) {
  to["trace_id"] = trace_id_text(trace);
  to["span_id"] = span_id_text(trace);
}

// What SQLite counts while it executes; 0 with every other server.
void add_counters(json& to, const call_report& one) {
  add(to, "full_scan_steps", one.full_scan_steps);
  add(to, "sorts", one.sorts);
  add(to, "automatic_index_rows", one.automatic_index_rows);
}

json part_of(const backend_share& share) {
  return {{"system", share.system},         {"calls", share.calls},
          {"errors", share.errors},         {"rows", share.rows},
          {"retries", share.retries},       {"duration", seconds_of(share.phases.total())},
          {"phases", json_of(share.phases)}};
}

json part_of(const statement_share& share) {
  json object{{"system", share.system}};
  add(object, share.statement);
  add(object, share.site);
  object["calls"] = share.calls;
  object["errors"] = share.errors;
  object["rows"] = share.rows;
  object["duplicates"] = share.duplicates;
  object["duration"] = seconds_of(share.time);
  object["slowest"] = seconds_of(share.slowest);
  return object;
}

json part_of(const request_call& call) {
  json object{{"statement", call.statement},
              {"begin", seconds_of(call.begin)},
              {"duration", seconds_of(call.duration)}};
  if (call.failed) object["failed"] = true;
  return object;
}

template <class Part>
json list_of(const std::vector<Part>& parts) {
  json list = json::array();
  for (const Part& one : parts) list.push_back(part_of(one));
  return list;
}

}  // namespace

json json_of(const call_report& one) {
  json object{{"type", "slow_query"},
              {"number", one.number},
              {"class", to_string(one.reason)},
              {"start", time_text(one.start)},
              {"duration", seconds_of(one.duration)}};
  add(object, "threshold", one.threshold);
  object["phases"] = json_of(one.phases);
  add(object, "pool_wait", one.pool_wait);
  object["system"] = one.system;
  add(object, "namespace", one.database);
  add_server(object, one);
  add(object, one.statement);
  if (one.rows.has_value()) object["rows"] = *one.rows;
  add(object, "retries", one.retries);
  add_error(object, one.error_type, one.status_code);
  add(object, "waits_for", one.waits_for);
  add(object, one.site);
  add(object, "request", one.request);
  if (one.trace.has_value()) add_trace(object, *one.trace);
  add(object, "thread", one.thread);
  add(object, "parameters", one.parameters);
  add_counters(object, one);
  if (one.plan != nullptr) object["plan"] = json_of(*one.plan);
  add(object, "plan_error", one.plan_error);
  return object;
}

json json_of(const request_report& one) {
  json object{{"type", "request"},
              {"number", one.number},
              {"name", one.name},
              {"start", time_text(one.start)},
              {"duration", seconds_of(one.duration)},
              {"application", seconds_of(one.application)}};
  add_error(object, one.error_type);
  add_trace(object, one.self);
  if (one.caller.has_value()) object["parent_span_id"] = span_id_text(*one.caller);
  object["backends"] = list_of(one.backends);
  object["statements"] = list_of(one.statements);
  object["calls"] = list_of(one.calls);
  object["calls_left_out"] = one.calls_left_out;
  object["other_statements"] = one.other_statements;
  return object;
}

json json_of(const finding& one) {
  json object{{"type", "finding"},           {"number", one.number}, {"kind", to_string(one.kind)},
              {"time", time_text(one.time)}, {"seen", one.seen},     {"message", one.message}};
  add(object, "advice", one.advice);
  add(object, "system", one.system);
  add(object, one.statement);
  add(object, "table", one.table);
  add(object, one.site);
  add(object, "request", one.request);
  add(object, "calls", one.calls);
  add(object, "cost", one.cost);
  object["evidence"] = json_of(one.evidence);
  return object;
}

}  // namespace detail

std::string to_json(const call_report& one) { return detail::line_of(detail::json_of(one)); }
std::string to_json(const request_report& one) { return detail::line_of(detail::json_of(one)); }
std::string to_json(const finding& one) { return detail::line_of(detail::json_of(one)); }

}  // namespace querytap
