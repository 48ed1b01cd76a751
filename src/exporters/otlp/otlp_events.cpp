#include <querytap/exporters/otlp/otlp_events.hpp>

#include "call_attributes.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

namespace querytap {
namespace {

using detail::call_attributes;

std::string_view event_of(report_reason of) {
  switch (of) {
    case report_reason::slow: return "querytap.operation.slow";
    case report_reason::running: return "querytap.operation.running";
    default: return "querytap.operation.failed";
  }
}

// Whoever cancels knows about it.
severity severity_of(report_reason of) {
  const bool failed = of == report_reason::error || of == report_reason::timeout;
  return failed ? severity::error : severity::warning;
}

std::string_view verb_of(report_reason of) {
  switch (of) {
    case report_reason::slow: return "took";
    case report_reason::running: return "has been running for";
    case report_reason::error: return "failed after";
    case report_reason::timeout: return "timed out after";
    case report_reason::cancelled: break;
  }
  return "was cancelled after";
}

// "select documents took 912 ms at src/store.cpp:42"
std::string sentence_of(const call_report& one) {
  const bool has_summary = one.statement != nullptr && !one.statement->summary.empty();
  std::string text = fmt::format("{} {} {}", has_summary ? one.statement->summary : one.system,
                                 verb_of(one.reason), human_duration(one.duration));
  if (!one.site.file.empty()) text += " at " + to_string(one.site);
  return text;
}

void add_database(call_attributes& to, const call_report& one) {
  to.add("db.system.name", one.system);
  to.add("db.namespace", one.database);
  to.add("server.address", one.server_address);
  to.add("server.port", std::uint64_t{one.server_port});
  to.add("error.type", one.error_type);
  to.add("db.response.status_code", one.status_code);
  if (one.rows.has_value()) {
    to.set({"db.response.returned_rows", static_cast<std::int64_t>(*one.rows)});
  }
}

void add_times(call_attributes& to, const call_report& one) {
  to.add("querytap.operation.duration", one.duration);
  to.add("querytap.operation.threshold", one.threshold);
  to.add("querytap.operation.pool_wait", one.pool_wait);
  for (std::size_t i = 0; i < phases; ++i) {
    const auto of = static_cast<phase>(i);
    to.add(fmt::format("querytap.operation.phase.{}", to_string(of)), one.phases[of]);
  }
}

void add_particulars(call_attributes& to, const call_report& one) {
  to.add("querytap.operation.class", to_string(one.reason));
  to.add("querytap.operation.retries", std::uint64_t{one.retries});
  to.add("querytap.operation.waits_for", one.waits_for);
  to.add("querytap.operation.parameters", one.parameters);
  to.add("querytap.operation.full_scan_steps", one.full_scan_steps);
  to.add("querytap.operation.sorts", one.sorts);
  to.add("querytap.operation.automatic_index_rows", one.automatic_index_rows);
  to.add("querytap.request.name", one.request);
  to.add("thread.id", one.thread);
  to.add("querytap.plan.error", one.plan_error);
  if (one.plan == nullptr) return;
  to.add("querytap.plan.shape", fmt::format("{:016x}", one.plan->shape));
  to.add("querytap.plan.text", to_string(*one.plan));
}

}  // namespace

log_record to_log_record(const call_report& one) {
  call_attributes where;
  add_database(where, one);
  where.add(one.statement);
  where.add(one.site);
  add_times(where, one);
  add_particulars(where, one);
  return {
      .event_name = std::string{event_of(one.reason)},
      .time =
          one.start + std::chrono::duration_cast<std::chrono::system_clock::duration>(one.duration),
      .severity = severity_of(one.reason),
      .body = sentence_of(one),
      .attributes = where.take(),
      .trace = one.trace,
  };
}

log_record to_log_record(const finding& one) {
  call_attributes where;
  where.add("db.system.name", one.system);
  where.add(one.statement);
  where.add(one.site);
  where.add("querytap.request.name", one.request);
  where.add("querytap.finding.kind", to_string(one.kind));
  where.add("querytap.finding.number", one.number);
  where.add("querytap.finding.seen", one.seen);
  where.add("querytap.finding.table", one.table);
  where.add("querytap.finding.calls", one.calls);
  where.add("querytap.finding.cost", one.cost);
  where.add("querytap.finding.advice", one.advice);
  for (const attribute& item : one.evidence) {
    where.set({"querytap.finding.evidence." + item.key, item.value});
  }
  return {
      .event_name = "querytap.finding",
      .time = one.time,
      .severity = severity::warning,
      .body = one.message,
      .attributes = where.take(),
  };
}

}  // namespace querytap
