#include <querytap/exporters/otlp/otlp_spans.hpp>

#include "call_attributes.hpp"

#include <array>

namespace querytap {
namespace {

using std::chrono::system_clock;

using span_id = std::array<std::uint8_t, 8>;

// SplitMix64: different for each index, since each step of it can be undone.
std::uint64_t mixed(std::uint64_t from, std::uint64_t index) noexcept {
  std::uint64_t bits = from + (index + 1) * 0x9E3779B97F4A7C15U;
  bits = (bits ^ bits >> 30U) * 0xBF58476D1CE4E5B9U;
  bits = (bits ^ bits >> 27U) * 0x94D049BB133111EBU;
  return bits ^ bits >> 31U;
}

std::uint64_t number_of(const span_id& id) noexcept {
  std::uint64_t number = 0;
  for (const std::uint8_t byte : id) number = number << 8U | byte;
  return number;
}

// Eight bytes of 0 are no id.
span_id id_of_call(const span_id& request, std::size_t index) noexcept {
  std::uint64_t number = mixed(number_of(request), index);
  if (number == 0) number = 1;
  span_id id;
  for (std::size_t i = id.size(); i-- > 0; number >>= 8U) {
    id[i] = static_cast<std::uint8_t>(number);
  }
  return id;
}

system_clock::time_point after(system_clock::time_point begin, std::chrono::nanoseconds time) {
  return begin + std::chrono::duration_cast<system_clock::duration>(time);
}

span_record span_of(const request_report& report) {
  detail::call_attributes where;
  where.add("error.type", report.error_type);
  where.add("querytap.request.name", report.name);
  where.add("querytap.request.application.duration", report.application);
  where.add("querytap.request.calls_left_out", report.calls_left_out);
  return {
      .self = report.self,
      .parent = report.caller.has_value() ? report.caller->span_id : span_id{},
      .parent_is_remote = report.caller.has_value(),
      .name = report.name,
      .kind = span_kind::server,
      .start = report.start,
      .end = after(report.start, report.duration),
      .attributes = where.take(),
      .status = report.error_type.empty() ? span_status::unset : span_status::error,
  };
}

std::string name_of_call(const statement_share& of) {
  const bool has_summary = of.statement != nullptr && !of.statement->summary.empty();
  return has_summary ? of.statement->summary : of.system;
}

// Of a single call it is known that it failed, and not how.
attributes attributes_of(const request_call& call, const statement_share& of) {
  detail::call_attributes where;
  where.add("db.system.name", of.system);
  where.add(of.statement);
  where.add(of.site);
  if (call.failed) where.add("error.type", "_OTHER");
  return where.take();
}

span_record span_of(const request_report& report, std::size_t index) {
  static const statement_share unknown{.system = "_OTHER"};
  const request_call& call = report.calls[index];
  const bool is_known = call.statement < report.statements.size();
  const statement_share& of = is_known ? report.statements[call.statement] : unknown;
  const system_clock::time_point begin = after(report.start, call.begin);
  return {
      .self = {.trace_id = report.self.trace_id,
               .span_id = id_of_call(report.self.span_id, index),
               .flags = report.self.flags},
      .parent = report.self.span_id,
      .name = name_of_call(of),
      .kind = span_kind::client,
      .start = begin,
      .end = after(begin, call.duration),
      .attributes = attributes_of(call, of),
      .status = call.failed ? span_status::error : span_status::unset,
  };
}

}  // namespace

std::vector<span_record> to_spans(const request_report& report) {
  std::vector<span_record> spans{span_of(report)};
  spans.reserve(1 + report.calls.size());
  for (std::size_t i = 0; i < report.calls.size(); ++i) spans.push_back(span_of(report, i));
  return spans;
}

}  // namespace querytap
