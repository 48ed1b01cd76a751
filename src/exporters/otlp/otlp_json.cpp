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
namespace {

using json = nlohmann::ordered_json;
using reader = protozero::pbf_reader;

// How a field is written; a message by its own fields.
enum class form : std::uint8_t {
  message,
  text,
  digits,  // bytes in hexadecimal digits
  boolean,
  small,        // int32 and the like, enumerations: a number
  zigzag,       // sint32: a number
  fixed_small,  // fixed32: a number
  int64,        // from here on integers are strings
  fixed64,
  sfixed64,
  fixed64s,
  uint64s,
  number,
  numbers,
};

struct field {
  protozero::pbf_tag_type tag;
  const char* name;
  form as;
  std::span<const field> fields = {};
  bool repeated = false;

  template <class Tag>
  constexpr field(Tag t, const char* n, form f)
      : tag{static_cast<protozero::pbf_tag_type>(t)}, name{n}, as{f} {}
};

template <class Tag>
constexpr field message(Tag tag, const char* name, std::span<const field> fields) {
  field result{tag, name, form::message};
  result.fields = fields;
  return result;
}

template <class Tag>
constexpr field messages(Tag tag, const char* name, std::span<const field> fields) {
  field result = message(tag, name, fields);
  result.repeated = true;
  return result;
}

// A table reads as a table.
// clang-format off
using namespace detail::otlp;

constexpr field any_value_fields[] = {
    {any_value::text, "stringValue", form::text},
    {any_value::boolean, "boolValue", form::boolean},
    {any_value::integer, "intValue", form::int64},
    {any_value::number, "doubleValue", form::number}};
constexpr field key_value_fields[] = {
    {key_value::key, "key", form::text},
    message(key_value::value, "value", any_value_fields)};
constexpr field resource_fields[] = {
    messages(resource::attributes, "attributes", key_value_fields)};
constexpr field scope_fields[] = {
    {scope::name, "name", form::text},
    {scope::version, "version", form::text}};

constexpr field exemplar_fields[] = {
    {exemplar::time, "timeUnixNano", form::fixed64},
    {exemplar::number, "asDouble", form::number},
    {exemplar::span_id, "spanId", form::digits},
    {exemplar::trace_id, "traceId", form::digits}};
constexpr field number_point_fields[] = {
    {number_point::start, "startTimeUnixNano", form::fixed64},
    {number_point::time, "timeUnixNano", form::fixed64},
    {number_point::number, "asDouble", form::number},
    {number_point::integer, "asInt", form::sfixed64},
    messages(number_point::attributes, "attributes", key_value_fields)};
constexpr field histogram_point_fields[] = {
    {histogram_point::start, "startTimeUnixNano", form::fixed64},
    {histogram_point::time, "timeUnixNano", form::fixed64},
    {histogram_point::count, "count", form::fixed64},
    {histogram_point::sum, "sum", form::number},
    {histogram_point::counts, "bucketCounts", form::fixed64s},
    {histogram_point::bounds, "explicitBounds", form::numbers},
    messages(histogram_point::exemplars, "exemplars", exemplar_fields),
    messages(histogram_point::attributes, "attributes", key_value_fields),
    {histogram_point::min, "min", form::number},
    {histogram_point::max, "max", form::number}};
constexpr field buckets_fields[] = {
    {buckets::offset, "offset", form::zigzag},
    {buckets::counts, "bucketCounts", form::uint64s}};
constexpr field exponential_point_fields[] = {
    messages(exponential_point::attributes, "attributes", key_value_fields),
    {exponential_point::start, "startTimeUnixNano", form::fixed64},
    {exponential_point::time, "timeUnixNano", form::fixed64},
    {exponential_point::count, "count", form::fixed64},
    {exponential_point::sum, "sum", form::number},
    {exponential_point::scale, "scale", form::zigzag},
    {exponential_point::zero_count, "zeroCount", form::fixed64},
    message(exponential_point::positive, "positive", buckets_fields),
    messages(exponential_point::exemplars, "exemplars", exemplar_fields),
    {exponential_point::min, "min", form::number},
    {exponential_point::max, "max", form::number}};

constexpr field gauge_fields[] = {
    messages(metric_data::points, "dataPoints", number_point_fields)};
constexpr field sum_fields[] = {
    messages(metric_data::points, "dataPoints", number_point_fields),
    {metric_data::temporality, "aggregationTemporality", form::small},
    {metric_data::monotonic, "isMonotonic", form::boolean}};
constexpr field histogram_fields[] = {
    messages(metric_data::points, "dataPoints", histogram_point_fields),
    {metric_data::temporality, "aggregationTemporality", form::small}};
constexpr field exponential_histogram_fields[] = {
    messages(metric_data::points, "dataPoints", exponential_point_fields),
    {metric_data::temporality, "aggregationTemporality", form::small}};
constexpr field metric_fields[] = {
    {metric::name, "name", form::text},
    {metric::description, "description", form::text},
    {metric::unit, "unit", form::text},
    message(metric::gauge, "gauge", gauge_fields),
    message(metric::sum, "sum", sum_fields),
    message(metric::histogram, "histogram", histogram_fields),
    message(metric::exponential_histogram, "exponentialHistogram", exponential_histogram_fields)};

constexpr field log_fields[] = {
    {log::time, "timeUnixNano", form::fixed64},
    {log::severity_number, "severityNumber", form::small},
    {log::severity_text, "severityText", form::text},
    message(log::body, "body", any_value_fields),
    messages(log::attributes, "attributes", key_value_fields),
    {log::dropped_attributes, "droppedAttributesCount", form::small},
    {log::flags, "flags", form::fixed_small},
    {log::trace_id, "traceId", form::digits},
    {log::span_id, "spanId", form::digits},
    {log::observed_time, "observedTimeUnixNano", form::fixed64},
    {log::event_name, "eventName", form::text}};

constexpr field event_fields[] = {
    {span_event::time, "timeUnixNano", form::fixed64},
    {span_event::name, "name", form::text},
    messages(span_event::attributes, "attributes", key_value_fields),
    {span_event::dropped_attributes, "droppedAttributesCount", form::small}};
constexpr field status_fields[] = {
    {status::message, "message", form::text},
    {status::code, "code", form::small}};
constexpr field span_fields[] = {
    {span::trace_id, "traceId", form::digits},
    {span::span_id, "spanId", form::digits},
    {span::trace_state, "traceState", form::text},
    {span::parent_span_id, "parentSpanId", form::digits},
    {span::name, "name", form::text},
    {span::kind, "kind", form::small},
    {span::start, "startTimeUnixNano", form::fixed64},
    {span::end, "endTimeUnixNano", form::fixed64},
    messages(span::attributes, "attributes", key_value_fields),
    {span::dropped_attributes, "droppedAttributesCount", form::small},
    messages(span::events, "events", event_fields),
    {span::dropped_events, "droppedEventsCount", form::small},
    message(span::status, "status", status_fields),
    {span::flags, "flags", form::fixed_small}};

// The envelopes differ in nothing but names.
constexpr field scope_metrics_fields[] = {
    message(scope_data::scope, "scope", scope_fields),
    messages(scope_data::records, "metrics", metric_fields)};
constexpr field scope_logs_fields[] = {
    message(scope_data::scope, "scope", scope_fields),
    messages(scope_data::records, "logRecords", log_fields)};
constexpr field scope_spans_fields[] = {
    message(scope_data::scope, "scope", scope_fields),
    messages(scope_data::records, "spans", span_fields)};
constexpr field resource_metrics_fields[] = {
    message(resource_data::resource, "resource", resource_fields),
    messages(resource_data::scope_data, "scopeMetrics", scope_metrics_fields)};
constexpr field resource_logs_fields[] = {
    message(resource_data::resource, "resource", resource_fields),
    messages(resource_data::scope_data, "scopeLogs", scope_logs_fields)};
constexpr field resource_spans_fields[] = {
    message(resource_data::resource, "resource", resource_fields),
    messages(resource_data::scope_data, "scopeSpans", scope_spans_fields)};
constexpr field metrics_request[] = {
    messages(envelope::resource_data, "resourceMetrics", resource_metrics_fields)};
constexpr field logs_request[] = {
    messages(envelope::resource_data, "resourceLogs", resource_logs_fields)};
constexpr field traces_request[] = {
    messages(envelope::resource_data, "resourceSpans", resource_spans_fields)};
// clang-format on

std::span<const field> fields_of(otlp_signal signal) {
  switch (signal) {
    case otlp_signal::logs: return logs_request;
    case otlp_signal::traces: return traces_request;
    case otlp_signal::metrics: break;
  }
  return metrics_request;
}

json quoted(auto number) { return fmt::format("{}", number); }

json number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  return value;
}

json digits(protozero::data_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{:02x}", static_cast<unsigned char>(bytes.data()[i]));
  }
  return text;
}

template <class Range, class Write>
json list(const Range& range, Write write) {
  json items = json::array();
  for (const auto value : range) items.push_back(write(value));
  return items;
}

json message_of(reader from, std::span<const field> fields);

json value_of(reader& from, const field& what) {
  switch (what.as) {
    case form::message: return message_of(from.get_message(), what.fields);
    case form::text: return from.get_string();
    case form::digits: return digits(from.get_view());
    case form::boolean: return from.get_bool();
    case form::small: return from.get_uint32();
    case form::zigzag: return from.get_sint32();
    case form::fixed_small: return from.get_fixed32();
    case form::int64: return quoted(from.get_int64());
    case form::fixed64: return quoted(from.get_fixed64());
    case form::sfixed64: return quoted(from.get_sfixed64());
    case form::fixed64s: return list(from.get_packed_fixed64(), quoted<std::uint64_t>);
    case form::uint64s: return list(from.get_packed_uint64(), quoted<std::uint64_t>);
    case form::number: return number(from.get_double());
    case form::numbers: return list(from.get_packed_double(), number);
  }
  return nullptr;
}

json message_of(reader from, std::span<const field> fields) {
  json object = json::object();
  while (from.next()) {
    const auto what = std::ranges::find(fields, from.tag(), &field::tag);
    if (what == fields.end()) {
      from.skip();
    } else if (what->repeated) {
      object[what->name].push_back(value_of(from, *what));
    } else {
      object[what->name] = value_of(from, *what);
    }
  }
  return object;
}

}  // namespace

std::string otlp_json(otlp_signal signal, std::string_view protobuf) {
  return message_of(reader{protobuf.data(), protobuf.size()}, fields_of(signal)).dump();
}

}  // namespace querytap
