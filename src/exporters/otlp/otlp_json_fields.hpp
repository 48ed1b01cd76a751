#pragma once

#include "otlp_fields.hpp"

#include <cstdint>
#include <span>
#include <string_view>

/// The messages of OTLP as tables of their fields, for the translation to JSON.
namespace querytap::detail::otlp {

/// How a field is written; a message by its own fields.
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

/// A field as OTLP JSON names it.
struct json_field {
  protozero::pbf_tag_type tag;
  std::string_view name;
  field_form form;
  std::span<const json_field> fields = {};
  bool repeated = false;

  template <class Tag>
  constexpr json_field(Tag t, std::string_view n, field_form f)
      : tag{static_cast<protozero::pbf_tag_type>(t)}, name{n}, form{f} {}
};

template <class Tag>
constexpr json_field json_message(Tag tag, std::string_view name,
                                  std::span<const json_field> fields) {
  json_field result{tag, name, field_form::message};
  result.fields = fields;
  return result;
}

template <class Tag>
constexpr json_field json_messages(Tag tag, std::string_view name,
                                   std::span<const json_field> fields) {
  json_field result = json_message(tag, name, fields);
  result.repeated = true;
  return result;
}

// A table reads as a table.
// clang-format off

inline constexpr json_field any_value_fields[] = {
    {any_value::text, "stringValue", field_form::text},
    {any_value::boolean, "boolValue", field_form::boolean},
    {any_value::integer, "intValue", field_form::int64},
    {any_value::number, "doubleValue", field_form::number}};
inline constexpr json_field key_value_fields[] = {
    {key_value::key, "key", field_form::text},
    json_message(key_value::value, "value", any_value_fields)};
inline constexpr json_field resource_fields[] = {
    json_messages(resource::attributes, "attributes", key_value_fields)};
inline constexpr json_field scope_fields[] = {
    {scope::name, "name", field_form::text},
    {scope::version, "version", field_form::text}};

inline constexpr json_field exemplar_fields[] = {
    {exemplar::time, "timeUnixNano", field_form::fixed64},
    {exemplar::number, "asDouble", field_form::number},
    {exemplar::span_id, "spanId", field_form::digits},
    {exemplar::trace_id, "traceId", field_form::digits}};
inline constexpr json_field number_point_fields[] = {
    {number_point::start, "startTimeUnixNano", field_form::fixed64},
    {number_point::time, "timeUnixNano", field_form::fixed64},
    {number_point::number, "asDouble", field_form::number},
    {number_point::integer, "asInt", field_form::sfixed64},
    json_messages(number_point::attributes, "attributes", key_value_fields)};
inline constexpr json_field histogram_point_fields[] = {
    {histogram_point::start, "startTimeUnixNano", field_form::fixed64},
    {histogram_point::time, "timeUnixNano", field_form::fixed64},
    {histogram_point::count, "count", field_form::fixed64},
    {histogram_point::sum, "sum", field_form::number},
    {histogram_point::counts, "bucketCounts", field_form::fixed64s},
    {histogram_point::bounds, "explicitBounds", field_form::numbers},
    json_messages(histogram_point::exemplars, "exemplars", exemplar_fields),
    json_messages(histogram_point::attributes, "attributes", key_value_fields),
    {histogram_point::min, "min", field_form::number},
    {histogram_point::max, "max", field_form::number}};
inline constexpr json_field buckets_fields[] = {
    {buckets::offset, "offset", field_form::zigzag},
    {buckets::counts, "bucketCounts", field_form::uint64s}};
inline constexpr json_field exponential_point_fields[] = {
    json_messages(exponential_point::attributes, "attributes", key_value_fields),
    {exponential_point::start, "startTimeUnixNano", field_form::fixed64},
    {exponential_point::time, "timeUnixNano", field_form::fixed64},
    {exponential_point::count, "count", field_form::fixed64},
    {exponential_point::sum, "sum", field_form::number},
    {exponential_point::scale, "scale", field_form::zigzag},
    {exponential_point::zero_count, "zeroCount", field_form::fixed64},
    json_message(exponential_point::positive, "positive", buckets_fields),
    json_messages(exponential_point::exemplars, "exemplars", exemplar_fields),
    {exponential_point::min, "min", field_form::number},
    {exponential_point::max, "max", field_form::number}};

inline constexpr json_field gauge_fields[] = {
    json_messages(metric_data::points, "dataPoints", number_point_fields)};
inline constexpr json_field sum_fields[] = {
    json_messages(metric_data::points, "dataPoints", number_point_fields),
    {metric_data::temporality, "aggregationTemporality", field_form::small},
    {metric_data::monotonic, "isMonotonic", field_form::boolean}};
inline constexpr json_field histogram_fields[] = {
    json_messages(metric_data::points, "dataPoints", histogram_point_fields),
    {metric_data::temporality, "aggregationTemporality", field_form::small}};
inline constexpr json_field exponential_histogram_fields[] = {
    json_messages(metric_data::points, "dataPoints", exponential_point_fields),
    {metric_data::temporality, "aggregationTemporality", field_form::small}};
inline constexpr json_field metric_fields[] = {
    {metric::name, "name", field_form::text},
    {metric::description, "description", field_form::text},
    {metric::unit, "unit", field_form::text},
    json_message(metric::gauge, "gauge", gauge_fields),
    json_message(metric::sum, "sum", sum_fields),
    json_message(metric::histogram, "histogram", histogram_fields),
    json_message(metric::exponential_histogram, "exponentialHistogram", exponential_histogram_fields)};

inline constexpr json_field log_fields[] = {
    {log::time, "timeUnixNano", field_form::fixed64},
    {log::severity_number, "severityNumber", field_form::small},
    {log::severity_text, "severityText", field_form::text},
    json_message(log::body, "body", any_value_fields),
    json_messages(log::attributes, "attributes", key_value_fields),
    {log::dropped_attributes, "droppedAttributesCount", field_form::small},
    {log::flags, "flags", field_form::fixed_small},
    {log::trace_id, "traceId", field_form::digits},
    {log::span_id, "spanId", field_form::digits},
    {log::observed_time, "observedTimeUnixNano", field_form::fixed64},
    {log::event_name, "eventName", field_form::text}};

inline constexpr json_field event_fields[] = {
    {span_event::time, "timeUnixNano", field_form::fixed64},
    {span_event::name, "name", field_form::text},
    json_messages(span_event::attributes, "attributes", key_value_fields),
    {span_event::dropped_attributes, "droppedAttributesCount", field_form::small}};
inline constexpr json_field status_fields[] = {
    {status::message, "message", field_form::text},
    {status::code, "code", field_form::small}};
inline constexpr json_field span_fields[] = {
    {span::trace_id, "traceId", field_form::digits},
    {span::span_id, "spanId", field_form::digits},
    {span::trace_state, "traceState", field_form::text},
    {span::parent_span_id, "parentSpanId", field_form::digits},
    {span::name, "name", field_form::text},
    {span::kind, "kind", field_form::small},
    {span::start, "startTimeUnixNano", field_form::fixed64},
    {span::end, "endTimeUnixNano", field_form::fixed64},
    json_messages(span::attributes, "attributes", key_value_fields),
    {span::dropped_attributes, "droppedAttributesCount", field_form::small},
    json_messages(span::events, "events", event_fields),
    {span::dropped_events, "droppedEventsCount", field_form::small},
    json_message(span::status, "status", status_fields),
    {span::flags, "flags", field_form::fixed_small}};

// The envelopes differ in names only.
inline constexpr json_field scope_metrics_fields[] = {
    json_message(scope_data::scope, "scope", scope_fields),
    json_messages(scope_data::records, "metrics", metric_fields)};
inline constexpr json_field scope_logs_fields[] = {
    json_message(scope_data::scope, "scope", scope_fields),
    json_messages(scope_data::records, "logRecords", log_fields)};
inline constexpr json_field scope_spans_fields[] = {
    json_message(scope_data::scope, "scope", scope_fields),
    json_messages(scope_data::records, "spans", span_fields)};
inline constexpr json_field resource_metrics_fields[] = {
    json_message(resource_data::resource, "resource", resource_fields),
    json_messages(resource_data::scope_data, "scopeMetrics", scope_metrics_fields)};
inline constexpr json_field resource_logs_fields[] = {
    json_message(resource_data::resource, "resource", resource_fields),
    json_messages(resource_data::scope_data, "scopeLogs", scope_logs_fields)};
inline constexpr json_field resource_spans_fields[] = {
    json_message(resource_data::resource, "resource", resource_fields),
    json_messages(resource_data::scope_data, "scopeSpans", scope_spans_fields)};
inline constexpr json_field metrics_request[] = {
    json_messages(envelope::resource_data, "resourceMetrics", resource_metrics_fields)};
inline constexpr json_field logs_request[] = {
    json_messages(envelope::resource_data, "resourceLogs", resource_logs_fields)};
inline constexpr json_field traces_request[] = {
    json_messages(envelope::resource_data, "resourceSpans", resource_spans_fields)};
// clang-format on

}  // namespace querytap::detail::otlp
