#include <querytap/exporters/otlp/otlp_json.hpp>

#include "otlp_fields.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <protozero/pbf_reader.hpp>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>

namespace querytap {
namespace detail::otlp {
namespace {

using nlohmann::ordered_json;
using protozero::pbf_reader;

// How a field is written; a message by its own fields.
enum class field_form : std::uint8_t {
  message,
  text,
  digits,  // bytes in hexadecimal digits
  boolean,
  small,        // int32 and the like, enumerations: a number
  zigzag,       // sint32: a number
  fixed_small,  // fixed32: a number
  int64,        // a string, as are all integers below
  fixed64,
  sfixed64,
  fixed64s,
  uint64s,
  number,
  numbers,
};

struct json_field {
  protozero::pbf_tag_type tag;
  const char* name;
  field_form form;
  std::span<const json_field> fields = {};
  bool repeated = false;

  template <class Tag>
  constexpr json_field(Tag t, const char* n, field_form f)
      : tag{static_cast<protozero::pbf_tag_type>(t)}, name{n}, form{f} {}
};

template <class Tag>
constexpr json_field message(Tag tag, const char* name, std::span<const json_field> fields) {
  json_field result{tag, name, field_form::message};
  result.fields = fields;
  return result;
}

template <class Tag>
constexpr json_field messages(Tag tag, const char* name, std::span<const json_field> fields) {
  json_field result = message(tag, name, fields);
  result.repeated = true;
  return result;
}

// A table reads as a table.
// clang-format off

constexpr json_field any_value_fields[] = {
    {any_value::text, "stringValue", field_form::text},
    {any_value::boolean, "boolValue", field_form::boolean},
    {any_value::integer, "intValue", field_form::int64},
    {any_value::number, "doubleValue", field_form::number}};
constexpr json_field key_value_fields[] = {
    {key_value::key, "key", field_form::text},
    message(key_value::value, "value", any_value_fields)};
constexpr json_field resource_fields[] = {
    messages(resource::attributes, "attributes", key_value_fields)};
constexpr json_field scope_fields[] = {
    {scope::name, "name", field_form::text},
    {scope::version, "version", field_form::text}};

constexpr json_field exemplar_fields[] = {
    {exemplar::time, "timeUnixNano", field_form::fixed64},
    {exemplar::number, "asDouble", field_form::number},
    {exemplar::span_id, "spanId", field_form::digits},
    {exemplar::trace_id, "traceId", field_form::digits}};
constexpr json_field number_point_fields[] = {
    {number_point::start, "startTimeUnixNano", field_form::fixed64},
    {number_point::time, "timeUnixNano", field_form::fixed64},
    {number_point::number, "asDouble", field_form::number},
    {number_point::integer, "asInt", field_form::sfixed64},
    messages(number_point::attributes, "attributes", key_value_fields)};
constexpr json_field histogram_point_fields[] = {
    {histogram_point::start, "startTimeUnixNano", field_form::fixed64},
    {histogram_point::time, "timeUnixNano", field_form::fixed64},
    {histogram_point::count, "count", field_form::fixed64},
    {histogram_point::sum, "sum", field_form::number},
    {histogram_point::counts, "bucketCounts", field_form::fixed64s},
    {histogram_point::bounds, "explicitBounds", field_form::numbers},
    messages(histogram_point::exemplars, "exemplars", exemplar_fields),
    messages(histogram_point::attributes, "attributes", key_value_fields),
    {histogram_point::min, "min", field_form::number},
    {histogram_point::max, "max", field_form::number}};
constexpr json_field buckets_fields[] = {
    {buckets::offset, "offset", field_form::zigzag},
    {buckets::counts, "bucketCounts", field_form::uint64s}};
constexpr json_field exponential_point_fields[] = {
    messages(exponential_point::attributes, "attributes", key_value_fields),
    {exponential_point::start, "startTimeUnixNano", field_form::fixed64},
    {exponential_point::time, "timeUnixNano", field_form::fixed64},
    {exponential_point::count, "count", field_form::fixed64},
    {exponential_point::sum, "sum", field_form::number},
    {exponential_point::scale, "scale", field_form::zigzag},
    {exponential_point::zero_count, "zeroCount", field_form::fixed64},
    message(exponential_point::positive, "positive", buckets_fields),
    messages(exponential_point::exemplars, "exemplars", exemplar_fields),
    {exponential_point::min, "min", field_form::number},
    {exponential_point::max, "max", field_form::number}};

constexpr json_field gauge_fields[] = {
    messages(metric_data::points, "dataPoints", number_point_fields)};
constexpr json_field sum_fields[] = {
    messages(metric_data::points, "dataPoints", number_point_fields),
    {metric_data::temporality, "aggregationTemporality", field_form::small},
    {metric_data::monotonic, "isMonotonic", field_form::boolean}};
constexpr json_field histogram_fields[] = {
    messages(metric_data::points, "dataPoints", histogram_point_fields),
    {metric_data::temporality, "aggregationTemporality", field_form::small}};
constexpr json_field exponential_histogram_fields[] = {
    messages(metric_data::points, "dataPoints", exponential_point_fields),
    {metric_data::temporality, "aggregationTemporality", field_form::small}};
constexpr json_field metric_fields[] = {
    {metric::name, "name", field_form::text},
    {metric::description, "description", field_form::text},
    {metric::unit, "unit", field_form::text},
    message(metric::gauge, "gauge", gauge_fields),
    message(metric::sum, "sum", sum_fields),
    message(metric::histogram, "histogram", histogram_fields),
    message(metric::exponential_histogram, "exponentialHistogram", exponential_histogram_fields)};

constexpr json_field log_fields[] = {
    {log::time, "timeUnixNano", field_form::fixed64},
    {log::severity_number, "severityNumber", field_form::small},
    {log::severity_text, "severityText", field_form::text},
    message(log::body, "body", any_value_fields),
    messages(log::attributes, "attributes", key_value_fields),
    {log::dropped_attributes, "droppedAttributesCount", field_form::small},
    {log::flags, "flags", field_form::fixed_small},
    {log::trace_id, "traceId", field_form::digits},
    {log::span_id, "spanId", field_form::digits},
    {log::observed_time, "observedTimeUnixNano", field_form::fixed64},
    {log::event_name, "eventName", field_form::text}};

constexpr json_field event_fields[] = {
    {span_event::time, "timeUnixNano", field_form::fixed64},
    {span_event::name, "name", field_form::text},
    messages(span_event::attributes, "attributes", key_value_fields),
    {span_event::dropped_attributes, "droppedAttributesCount", field_form::small}};
constexpr json_field status_fields[] = {
    {status::message, "message", field_form::text},
    {status::code, "code", field_form::small}};
constexpr json_field span_fields[] = {
    {span::trace_id, "traceId", field_form::digits},
    {span::span_id, "spanId", field_form::digits},
    {span::trace_state, "traceState", field_form::text},
    {span::parent_span_id, "parentSpanId", field_form::digits},
    {span::name, "name", field_form::text},
    {span::kind, "kind", field_form::small},
    {span::start, "startTimeUnixNano", field_form::fixed64},
    {span::end, "endTimeUnixNano", field_form::fixed64},
    messages(span::attributes, "attributes", key_value_fields),
    {span::dropped_attributes, "droppedAttributesCount", field_form::small},
    messages(span::events, "events", event_fields),
    {span::dropped_events, "droppedEventsCount", field_form::small},
    message(span::status, "status", status_fields),
    {span::flags, "flags", field_form::fixed_small}};

// The envelopes differ in names only.
constexpr json_field scope_metrics_fields[] = {
    message(scope_data::scope, "scope", scope_fields),
    messages(scope_data::records, "metrics", metric_fields)};
constexpr json_field scope_logs_fields[] = {
    message(scope_data::scope, "scope", scope_fields),
    messages(scope_data::records, "logRecords", log_fields)};
constexpr json_field scope_spans_fields[] = {
    message(scope_data::scope, "scope", scope_fields),
    messages(scope_data::records, "spans", span_fields)};
constexpr json_field resource_metrics_fields[] = {
    message(resource_data::resource, "resource", resource_fields),
    messages(resource_data::scope_data, "scopeMetrics", scope_metrics_fields)};
constexpr json_field resource_logs_fields[] = {
    message(resource_data::resource, "resource", resource_fields),
    messages(resource_data::scope_data, "scopeLogs", scope_logs_fields)};
constexpr json_field resource_spans_fields[] = {
    message(resource_data::resource, "resource", resource_fields),
    messages(resource_data::scope_data, "scopeSpans", scope_spans_fields)};
constexpr json_field metrics_request[] = {
    messages(envelope::resource_data, "resourceMetrics", resource_metrics_fields)};
constexpr json_field logs_request[] = {
    messages(envelope::resource_data, "resourceLogs", resource_logs_fields)};
constexpr json_field traces_request[] = {
    messages(envelope::resource_data, "resourceSpans", resource_spans_fields)};
// clang-format on

std::span<const json_field> fields_of(otlp_signal signal) {
  switch (signal) {
    case otlp_signal::logs: return logs_request;
    case otlp_signal::traces: return traces_request;
    case otlp_signal::metrics: break;
  }
  return metrics_request;
}

ordered_json quoted(auto number) { return fmt::format("{}", number); }

ordered_json number_or_name(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return value;
}

ordered_json hex_digits(protozero::data_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(bytes.data()[i]));
  }
  return text;
}

template <class Range, class Write>
ordered_json list(const Range& range, Write write) {
  ordered_json items = ordered_json::array();
  for (const auto value : range) items.push_back(write(value));
  return items;
}

ordered_json read_message(pbf_reader reader, std::span<const json_field> fields);

ordered_json read_value(pbf_reader& reader, const json_field& field) {
  switch (field.form) {
    case field_form::message: return read_message(reader.get_message(), field.fields);
    case field_form::text: return reader.get_string();
    case field_form::digits: return hex_digits(reader.get_view());
    case field_form::boolean: return reader.get_bool();
    case field_form::small: return reader.get_uint32();
    case field_form::zigzag: return reader.get_sint32();
    case field_form::fixed_small: return reader.get_fixed32();
    case field_form::int64: return quoted(reader.get_int64());
    case field_form::fixed64: return quoted(reader.get_fixed64());
    case field_form::sfixed64: return quoted(reader.get_sfixed64());
    case field_form::fixed64s: return list(reader.get_packed_fixed64(), quoted<std::uint64_t>);
    case field_form::uint64s: return list(reader.get_packed_uint64(), quoted<std::uint64_t>);
    case field_form::number: return number_or_name(reader.get_double());
    case field_form::numbers: return list(reader.get_packed_double(), number_or_name);
  }
  return nullptr;
}

ordered_json read_message(pbf_reader reader, std::span<const json_field> fields) {
  ordered_json object = ordered_json::object();
  while (reader.next()) {
    const auto field = std::ranges::find(fields, reader.tag(), &json_field::tag);
    if (field == fields.end()) {
      reader.skip();
    } else if (field->repeated) {
      object[field->name].push_back(read_value(reader, *field));
    } else {
      object[field->name] = read_value(reader, *field);
    }
  }
  return object;
}

}  // namespace
}  // namespace detail::otlp

std::string otlp_json(otlp_signal signal, std::string_view protobuf) {
  const protozero::pbf_reader reader{protobuf.data(), protobuf.size()};
  return detail::otlp::read_message(reader, detail::otlp::fields_of(signal)).dump();
}

}  // namespace querytap
