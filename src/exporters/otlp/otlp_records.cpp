#include <querytap/exporters/otlp/otlp_records.hpp>

#include "otlp_wire.hpp"

#include <algorithm>

namespace querytap {
namespace {

using namespace detail;
using protozero::pbf_builder;

constexpr std::size_t likely_size_of_record = 512;

// `SpanFlags`: whether it is known where the parent is, and whether it is elsewhere.
constexpr std::uint32_t knows_whether_remote = 0x100;
constexpr std::uint32_t is_remote = 0x200;

bool is_valid(const auto& id) {
  return std::ranges::any_of(id, [](std::uint8_t byte) { return byte != 0; });
}

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Never in the middle of a character.
attribute shortened(const attribute& item, std::size_t length) {
  const auto* text = std::get_if<std::string>(&item.value);
  if (text == nullptr || text->size() <= length) return item;
  std::size_t end = length;
  while (end > 0 && is_continuation((*text)[end])) --end;
  return {item.key, text->substr(0, end)};
}

template <class Field>
void add_limited(pbf_builder<Field>& to, const attributes& items, const otlp_limits& limits) {
  std::size_t left = limits.attribute_count;
  for (const attribute& item : items) {
    if (left-- == 0) break;
    to.add_message(Field::attributes, encoded(shortened(item, limits.attribute_length)));
  }
  if (items.size() <= limits.attribute_count) return;
  to.add_uint32(Field::dropped_attributes,
                static_cast<std::uint32_t>(items.size() - limits.attribute_count));
}

void encode(const log_record& from, const otlp_limits& limits, std::string& bytes) {
  using field = otlp::log;
  pbf_builder<field> to{bytes};
  const auto epoch = std::chrono::system_clock::time_point{};
  if (from.time != epoch) to.add_fixed64(field::time, unix_nanoseconds(from.time));
  to.add_enum(field::severity_number, static_cast<std::int32_t>(from.severity));
  add_text(to, field::severity_text, to_string(from.severity));
  if (!from.body.empty()) {
    pbf_builder<otlp::any_value> body{to, field::body};
    add_text(body, otlp::any_value::text, from.body);
  }
  add_limited(to, from.attributes, limits);
  if (from.trace && is_valid(from.trace->trace_id)) {
    to.add_fixed32(field::flags, from.trace->flags);
    add_bytes(to, field::trace_id, from.trace->trace_id);
    if (is_valid(from.trace->span_id)) add_bytes(to, field::span_id, from.trace->span_id);
  }
  to.add_fixed64(field::observed_time,
                 unix_nanoseconds(from.observed == epoch ? from.time : from.observed));
  add_text(to, field::event_name, from.event_name);
}

void encode(const span_event& from, const otlp_limits& limits, pbf_builder<otlp::span>& to) {
  using field = otlp::span_event;
  pbf_builder<field> event{to, otlp::span::events};
  event.add_fixed64(field::time, unix_nanoseconds(from.time));
  add_text(event, field::name, from.name);
  add_limited(event, from.attributes, limits);
}

void encode_status(const span_record& from, pbf_builder<otlp::span>& to) {
  if (from.status == span_status::unset) return;
  pbf_builder<otlp::status> status{to, otlp::span::status};
  // OpenTelemetry has a description for errors alone.
  if (from.status == span_status::error) {
    add_text(status, otlp::status::message, from.status_message);
  }
  status.add_enum(otlp::status::code, static_cast<std::int32_t>(from.status));
}

void encode(const span_record& from, const otlp_limits& limits, std::string& bytes) {
  using field = otlp::span;
  pbf_builder<field> to{bytes};
  add_bytes(to, field::trace_id, from.self.trace_id);
  add_bytes(to, field::span_id, from.self.span_id);
  add_text(to, field::trace_state, from.trace_state);
  if (is_valid(from.parent)) add_bytes(to, field::parent_span_id, from.parent);
  add_text(to, field::name, from.name);
  to.add_enum(field::kind, static_cast<std::int32_t>(from.kind));
  to.add_fixed64(field::start, unix_nanoseconds(from.start));
  to.add_fixed64(field::end, unix_nanoseconds(std::max(from.start, from.end)));
  add_limited(to, from.attributes, limits);
  for (const span_event& event : from.events) encode(event, limits, to);
  encode_status(from, to);
  to.add_fixed32(field::flags,
                 from.self.flags | knows_whether_remote | (from.parent_is_remote ? is_remote : 0U));
}

// A span without ids would make a collector refuse all the others.
bool may_leave(const log_record&) { return true; }
bool may_leave(const span_record& one) {
  return is_valid(one.self.trace_id) && is_valid(one.self.span_id);
}

template <class Record>
otlp_payload render(const attributes& resource, std::span<const Record> records,
                    const otlp_limits& limits, const otlp_scope& scope) {
  otlp_payload request;
  open_envelope around{request.body, resource, scope, records.size() * likely_size_of_record};
  std::string bytes;
  for (const Record& one : records) {
    if (!may_leave(one)) continue;
    bytes.clear();
    encode(one, limits, bytes);
    pbf_builder<otlp::scope_data>{request.body}.add_message(otlp::scope_data::records, bytes);
    ++request.records;
  }
  around.close();
  if (request.records == 0) request.body.clear();
  return request;
}

}  // namespace

otlp_payload render_otlp_logs(const attributes& resource, std::span<const log_record> records,
                              const otlp_limits& limits, const otlp_scope& scope) {
  return render(resource, records, limits, scope);
}

otlp_payload render_otlp_spans(const attributes& resource, std::span<const span_record> records,
                               const otlp_limits& limits, const otlp_scope& scope) {
  return render(resource, records, limits, scope);
}

}  // namespace querytap
