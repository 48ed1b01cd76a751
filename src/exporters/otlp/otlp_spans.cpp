#include <querytap/exporters/otlp/otlp_spans.hpp>

#include "call_attributes.hpp"

#include <array>

namespace querytap {
namespace detail {
namespace {

using std::chrono::system_clock;

using span_id_bytes = std::array<std::uint8_t, 8>;

// SplitMix64: different for each index, since every step of the function is reversible.
std::uint64_t split_mix(std::uint64_t seed, std::uint64_t index) noexcept {
  std::uint64_t bits = seed + (index + 1) * 0x9E3779B97F4A7C15U;
  bits = (bits ^ bits >> 30U) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ bits >> 27U) * 0x94D049BB133111EBU;
  return bits ^ bits >> 31U;
}

std::uint64_t number_of_id(const span_id_bytes& id) noexcept {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : id) number = number << 8U | byte;
  return number;
}

// Eight bytes of 0 are not a valid id.
span_id_bytes id_of_call(const span_id_bytes& request, std::size_t index) noexcept {
  std::uint64_t number = split_mix(number_of_id(request), index);
  if (number == 0) number = 1;
  span_id_bytes id;
  for (std::size_t i = id.size(); i-- > 0; number >>= 8U) {
    id[i] = static_cast<std::uint8_t>(number);
  }
  return id;
}

system_clock::time_point moment_after(system_clock::time_point begin,
                                      std::chrono::nanoseconds time) {
  return begin + std::chrono::duration_cast<system_clock::duration>(time);
}

span_record span_of_request(const request_report& report) {
  call_attributes attributes;
  attributes.add("error.type", report.error_type);
  attributes.add("querytap.request.name", report.name);
  attributes.add("querytap.request.application.duration", report.application);
  attributes.add("querytap.request.calls_left_out", report.calls_left_out);
  attributes.add("querytap.request.waits_left_out", report.waits_left_out);
  attributes.add("querytap.request.left_out", report.left_out);
  return {
      .self = report.self,
      .parent = report.caller.has_value() ? report.caller->span_id : span_id_bytes{},
      .parent_is_remote = report.caller.has_value(),
      .name = report.name,
      .kind = span_kind::server,
      .start = report.start,
      .end = moment_after(report.start, report.duration),
      .attributes = attributes.take(),
      .status = report.error_type.empty() ? span_status::unset : span_status::error,
  };
}

attributes attributes_of_call(const request_call& call, const statement_share& share) {
  call_attributes attributes;
  attributes.add_backend(share.statement, share.system, share.database);
  attributes.add_server(share.server_address, share.server_port);
  attributes.add(share.statement);
  attributes.add(share.site);
  attributes.add_result(share.statement, call.status_code, call.rows);
  if (call.failed)
    attributes.add("error.type", call.error_type.empty() ? "_OTHER" : call.error_type);
  return attributes.take();
}

span_record span_of_call(const request_report& report, std::size_t index) {
  // Never destroyed: a static watch reports a last time after static destruction has begun.
  static const statement_share& unknown = *new statement_share{.system = "_OTHER"};
  const request_call& call = report.calls[index];
  const bool is_known = call.statement < report.statements.size();
  const statement_share& share = is_known ? report.statements[call.statement] : unknown;
  const system_clock::time_point begin = moment_after(report.start, call.begin);
  return {
      .self = {.trace_id = report.self.trace_id,
               .span_id = id_of_call(report.self.span_id, index),
               .flags = report.self.flags},
      .parent = report.self.span_id,
      .name = short_name_of(share.statement, share.system),
      .kind = span_kind::client,
      .start = begin,
      .end = moment_after(begin, call.duration),
      .attributes = attributes_of_call(call, share),
      .status = call.failed ? span_status::error : span_status::unset,
  };
}

// After those of the calls, whose ids so stay the same.
span_record span_of_wait(const request_report& report, std::size_t index) {
  const pool_wait& wait = report.waits[index];
  call_attributes attributes;
  attributes.add("db.client.connection.pool.name", wait.pool);
  if (wait.failed) attributes.add("error.type", "pool_timeout");
  const system_clock::time_point begin = moment_after(report.start, wait.begin);
  return {
      .self = {.trace_id = report.self.trace_id,
               .span_id = id_of_call(report.self.span_id, report.calls.size() + index),
               .flags = report.self.flags},
      .parent = report.self.span_id,
      .name = "pool " + wait.pool,
      .kind = span_kind::internal,
      .start = begin,
      .end = moment_after(begin, wait.duration),
      .attributes = attributes.take(),
      .status = wait.failed ? span_status::error : span_status::unset,
  };
}

// After those of the calls and the waits.
span_record span_of_stage(const request_report& report, std::size_t index) {
  const request_stage& stage = report.stages[index];
  call_attributes attributes;
  attributes.add("querytap.stage", stage.stage);
  attributes.add("querytap.strategy", stage.strategy);
  if (stage.results) attributes.set({"querytap.stage.results", as_integer(*stage.results)});
  if (stage.failed) attributes.add("error.type", "_OTHER");
  const system_clock::time_point begin = moment_after(report.start, stage.begin);
  const std::size_t place = report.calls.size() + report.waits.size() + index;
  return {
      .self = {.trace_id = report.self.trace_id,
               .span_id = id_of_call(report.self.span_id, place),
               .flags = report.self.flags},
      .parent = report.self.span_id,
      .name = stage.strategy.empty() ? stage.stage : stage.stage + ' ' + stage.strategy,
      .kind = span_kind::internal,
      .start = begin,
      .end = moment_after(begin, stage.duration),
      .attributes = attributes.take(),
      .status = stage.failed ? span_status::error : span_status::unset,
  };
}

}  // namespace
}  // namespace detail

std::vector<span_record> to_spans(const request_report& report) {
  std::vector<span_record> spans{detail::span_of_request(report)};
  spans.reserve(1 + report.calls.size() + report.waits.size() + report.stages.size());
  for (std::size_t i = 0; i < report.calls.size(); ++i) {
    spans.push_back(detail::span_of_call(report, i));
  }
  for (std::size_t i = 0; i < report.waits.size(); ++i) {
    spans.push_back(detail::span_of_wait(report, i));
  }
  for (std::size_t i = 0; i < report.stages.size(); ++i) {
    spans.push_back(detail::span_of_stage(report, i));
  }
  return spans;
}

}  // namespace querytap
