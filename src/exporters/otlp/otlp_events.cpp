#include <querytap/exporters/otlp/otlp_events.hpp>

#include "../../base/fingerprint_text.hpp"
#include "call_attributes.hpp"

#include <querytap/base/human.hpp>

#include <fmt/format.h>

namespace querytap {
namespace detail {
namespace {

std::string_view event_name_of(report_reason reason) {
  switch (reason) {
    case report_reason::slow: return "querytap.operation.slow";
    case report_reason::running: return "querytap.operation.running";
    default: return "querytap.operation.failed";
  }
}

// A cancellation is not an error: the application asked for it.
severity severity_of(report_reason reason) {
  const bool failed = reason == report_reason::error || reason == report_reason::timeout;
  return failed ? severity::error : severity::warning;
}

std::string_view verb_of(report_reason reason) {
  switch (reason) {
    case report_reason::slow: return "took";
    case report_reason::running: return "has been running for";
    case report_reason::error: return "failed after";
    case report_reason::timeout: return "timed out after";
    case report_reason::cancelled: break;
  }
  return "was cancelled after";
}

// "select documents took 912 ms at src/store.cpp:42"
std::string sentence_of(const call_report& report) {
  std::string text = fmt::format("{} {} {}", short_name_of(report.statement, report.system),
                                 verb_of(report.reason), human_duration(report.duration));
  if (!report.site.file.empty()) text += " at " + to_string(report.site);
  return text;
}

void add_backend_of(call_attributes& attributes, const call_report& report) {
  attributes.add_backend(report.statement, report.system, report.database);
  attributes.add_server(report.server_address, report.server_port);
  attributes.add("error.type", report.error_type);
  attributes.add_result(report.statement, report.status_code, report.rows);
  attributes.add("db.operation.batch.size", report.batch_size);
}

void add_times(call_attributes& attributes, const call_report& report) {
  attributes.add("querytap.operation.duration", report.duration);
  attributes.add("querytap.operation.threshold", report.threshold);
  attributes.add("querytap.operation.pool_wait", report.pool_wait);
  for (std::size_t i = 0; i < phases; ++i) {
    const auto spent_in = static_cast<phase>(i);
    attributes.add(fmt::format("querytap.operation.phase.{}", to_string(spent_in)),
                   report.phases[spent_in]);
  }
}

void add_particulars(call_attributes& attributes, const call_report& report) {
  attributes.add("querytap.operation.class", to_string(report.reason));
  attributes.add("querytap.operation.retries", std::uint64_t{report.retries});
  attributes.add("querytap.operation.waits_for", report.waits_for);
  attributes.add("querytap.operation.parameters", report.parameters);
  attributes.add("querytap.operation.full_scan_steps", report.full_scan_steps);
  attributes.add("querytap.operation.sorts", report.sorts);
  attributes.add("querytap.operation.automatic_index_rows", report.automatic_index_rows);
  attributes.add("querytap.operation.sqlstate", report.sqlstate);
  attributes.add("querytap.operation.affected_rows", report.affected_rows.value_or(0));
  if (report.used_no_index) attributes.set({"querytap.operation.used_no_index", true});
  attributes.add("querytap.operation.vm_steps", report.vm_steps);
  attributes.add("querytap.operation.reprepares", report.reprepares);
  attributes.add("querytap.operation.filter_hits", report.filter_hits);
  attributes.add("querytap.operation.filter_misses", report.filter_misses);
  attributes.add("querytap.operation.statement_memory", report.statement_memory);
  attributes.add("querytap.request.name", report.request);
  attributes.add("thread.id", report.thread);
  attributes.add("querytap.plan.error", report.plan_error);
  if (report.plan == nullptr) return;
  attributes.add("querytap.plan.shape", fingerprint_text(report.plan->shape));
  attributes.add("querytap.plan.text", to_string(*report.plan));
}

}  // namespace
}  // namespace detail

log_record to_log_record(const call_report& report) {
  detail::call_attributes attributes;
  detail::add_backend_of(attributes, report);
  attributes.add(report.statement);
  attributes.add(report.site);
  detail::add_times(attributes, report);
  detail::add_particulars(attributes, report);
  return {
      .event_name = std::string{detail::event_name_of(report.reason)},
      .time = report.start +
              std::chrono::duration_cast<std::chrono::system_clock::duration>(report.duration),
      .severity = detail::severity_of(report.reason),
      .body = detail::sentence_of(report),
      .attributes = attributes.take(),
      .trace = report.trace,
  };
}

log_record to_log_record(const finding& finding) {
  detail::call_attributes attributes;
  attributes.add_backend(finding.statement, finding.system, {});
  attributes.add(finding.statement);
  attributes.add(finding.site);
  attributes.add("querytap.request.name", finding.request);
  attributes.add("querytap.finding.kind", to_string(finding.kind));
  attributes.add("querytap.finding.number", finding.number);
  attributes.add("querytap.finding.seen", finding.seen);
  attributes.add("querytap.finding.table", finding.table);
  attributes.add("db.client.connection.pool.name", finding.pool);
  attributes.add("querytap.tenant", finding.tenant);
  attributes.add("querytap.component", finding.component);
  attributes.add("querytap.finding.calls", finding.calls);
  attributes.add("querytap.finding.cost", finding.cost);
  attributes.add("querytap.finding.advice", finding.advice);
  for (const attribute& item : finding.evidence) {
    attributes.set({"querytap.finding.evidence." + item.key, item.value});
  }
  return {
      .event_name = "querytap.finding",
      .time = finding.time,
      .severity = severity::warning,
      .body = finding.message,
      .attributes = attributes.take(),
  };
}

}  // namespace querytap
