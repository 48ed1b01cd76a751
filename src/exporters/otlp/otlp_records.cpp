#include <querytap/exporters/otlp/otlp_records.hpp>

#include "otlp_wire.hpp"

#include <algorithm>

namespace querytap {
namespace detail {
namespace {

constexpr std::size_t likely_size_of_record = 512;

// `SpanFlags`: whether the sender knows if the parent is remote, and whether it is.
constexpr std::uint32_t has_is_remote = 0x100;
constexpr std::uint32_t is_remote = 0x200;

bool is_valid_id(const auto& id) {
  return std::ranges::any_of(id, [](std::uint8_t byte) { return byte != 0; });
}

bool is_continuation_byte(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Never in the middle of a character.
attribute shortened_attribute(const attribute& item, std::size_t length) {
  const auto* text = std::get_if<std::string>(&item.value);
  if (text == nullptr || text->size() <= length) return item;
  std::size_t end = length;
  while (end > 0 && is_continuation_byte((*text)[end])) --end;
  return {item.key, text->substr(0, end)};
}

template <class Field>
void add_limited(pbf_builder<Field>& message, const attributes& items, const otlp_limits& limits) {
  std::size_t left = limits.attribute_count;
  for (const attribute& item : items) {
    if (left-- == 0) break;
    message.add_message(Field::attributes,
                        encoded_attribute(shortened_attribute(item, limits.attribute_length)));
  }
  if (items.size() <= limits.attribute_count) return;
  message.add_uint32(Field::dropped_attributes,
                     static_cast<std::uint32_t>(items.size() - limits.attribute_count));
}

void encode_record(const log_record& log, const otlp_limits& limits, std::string& bytes) {
  using field = otlp::log;
  pbf_builder<field> message{bytes};
  const auto epoch = std::chrono::system_clock::time_point{};
  if (log.time != epoch) message.add_fixed64(field::time, unix_nanoseconds(log.time));
  message.add_enum(field::severity_number, static_cast<std::int32_t>(log.severity));
  add_text(message, field::severity_text, to_string(log.severity));
  if (!log.body.empty()) {
    pbf_builder<otlp::any_value> body{message, field::body};
    add_text(body, otlp::any_value::text, log.body);
  }
  add_limited(message, log.attributes, limits);
  if (log.trace && is_valid_id(log.trace->trace_id)) {
    message.add_fixed32(field::flags, log.trace->flags);
    add_bytes(message, field::trace_id, log.trace->trace_id);
    if (is_valid_id(log.trace->span_id)) add_bytes(message, field::span_id, log.trace->span_id);
  }
  message.add_fixed64(field::observed_time,
                      unix_nanoseconds(log.observed == epoch ? log.time : log.observed));
  add_text(message, field::event_name, log.event_name);
}

void encode_event(const span_event& event, const otlp_limits& limits,
                  pbf_builder<otlp::span>& span) {
  using field = otlp::span_event;
  pbf_builder<field> message{span, otlp::span::events};
  message.add_fixed64(field::time, unix_nanoseconds(event.time));
  add_text(message, field::name, event.name);
  add_limited(message, event.attributes, limits);
}

void encode_status(const span_record& span, pbf_builder<otlp::span>& message) {
  if (span.status == span_status::unset) return;
  pbf_builder<otlp::status> status{message, otlp::span::status};
  // In OpenTelemetry only errors have a description.
  if (span.status == span_status::error) {
    add_text(status, otlp::status::message, span.status_message);
  }
  status.add_enum(otlp::status::code, static_cast<std::int32_t>(span.status));
}

void encode_record(const span_record& span, const otlp_limits& limits, std::string& bytes) {
  using field = otlp::span;
  pbf_builder<field> message{bytes};
  add_bytes(message, field::trace_id, span.self.trace_id);
  add_bytes(message, field::span_id, span.self.span_id);
  add_text(message, field::trace_state, span.trace_state);
  if (is_valid_id(span.parent)) add_bytes(message, field::parent_span_id, span.parent);
  add_text(message, field::name, span.name);
  message.add_enum(field::kind, static_cast<std::int32_t>(span.kind));
  message.add_fixed64(field::start, unix_nanoseconds(span.start));
  message.add_fixed64(field::end, unix_nanoseconds(std::max(span.start, span.end)));
  add_limited(message, span.attributes, limits);
  for (const span_event& event : span.events) encode_event(event, limits, message);
  encode_status(span, message);
  message.add_fixed32(field::flags,
                      span.self.flags | has_is_remote | (span.parent_is_remote ? is_remote : 0U));
}

// A collector would refuse the whole request because of one span without ids.
bool is_exportable(const log_record&) { return true; }
bool is_exportable(const span_record& span) {
  return is_valid_id(span.self.trace_id) && is_valid_id(span.self.span_id);
}

template <class Record>
otlp_payload render_records(const attributes& resource, std::span<const Record> records,
                            const otlp_limits& limits, const otlp_scope& scope) {
  otlp_payload request;
  open_envelope envelope{request.body, resource, scope, records.size() * likely_size_of_record};
  std::string bytes;
  for (const Record& record : records) {
    if (!is_exportable(record)) continue;
    bytes.clear();
    encode_record(record, limits, bytes);
    pbf_builder<otlp::scope_data>{request.body}.add_message(otlp::scope_data::records, bytes);
    ++request.records;
  }
  envelope.close();
  if (request.records == 0) request.body.clear();
  return request;
}

}  // namespace
}  // namespace detail

otlp_payload render_otlp_logs(const attributes& resource, std::span<const log_record> records,
                              const otlp_limits& limits, const otlp_scope& scope) {
  return detail::render_records(resource, records, limits, scope);
}

otlp_payload render_otlp_spans(const attributes& resource, std::span<const span_record> records,
                               const otlp_limits& limits, const otlp_scope& scope) {
  return detail::render_records(resource, records, limits, scope);
}

}  // namespace querytap
