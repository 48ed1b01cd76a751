#pragma once

#include <protozero/types.hpp>

/// The field numbers of opentelemetry-proto that are written, by message. The envelopes of the
/// three signals have the same numbers, and so have the three kinds of data points where one name
/// here serves them all.
namespace querytap::detail::otlp {

using protozero::pbf_tag_type;

enum class envelope : pbf_tag_type { resource_data = 1 };
enum class resource_data : pbf_tag_type { resource = 1, scope_data = 2 };
enum class scope_data : pbf_tag_type { scope = 1, records = 2 };
enum class resource : pbf_tag_type { attributes = 1 };
enum class scope : pbf_tag_type { name = 1, version = 2 };
enum class key_value : pbf_tag_type { key = 1, value = 2 };
enum class any_value : pbf_tag_type { text = 1, boolean = 2, integer = 3, number = 4 };

enum class metric : pbf_tag_type {
  name = 1,
  description = 2,
  unit = 3,
  gauge = 5,
  sum = 7,
  histogram = 9,
  exponential_histogram = 10,
};
enum class metric_data : pbf_tag_type { points = 1, temporality = 2, monotonic = 3 };
enum class number_point : pbf_tag_type {
  start = 2,
  time = 3,
  number = 4,
  integer = 6,
  attributes = 7,
};
enum class histogram_point : pbf_tag_type {
  start = 2,
  time = 3,
  count = 4,
  sum = 5,
  counts = 6,
  bounds = 7,
  exemplars = 8,
  attributes = 9,
  min = 11,
  max = 12,
};
enum class exponential_point : pbf_tag_type {
  attributes = 1,
  start = 2,
  time = 3,
  count = 4,
  sum = 5,
  scale = 6,
  zero_count = 7,
  positive = 8,
  exemplars = 11,
  min = 12,
  max = 13,
};
enum class buckets : pbf_tag_type { offset = 1, counts = 2 };
enum class exemplar : pbf_tag_type { time = 2, number = 3, span_id = 4, trace_id = 5 };

enum class log : pbf_tag_type {
  time = 1,
  severity_number = 2,
  severity_text = 3,
  body = 5,
  attributes = 6,
  dropped_attributes = 7,
  flags = 8,
  trace_id = 9,
  span_id = 10,
  observed_time = 11,
  event_name = 12,
};
enum class span : pbf_tag_type {
  trace_id = 1,
  span_id = 2,
  trace_state = 3,
  parent_span_id = 4,
  name = 5,
  kind = 6,
  start = 7,
  end = 8,
  attributes = 9,
  dropped_attributes = 10,
  events = 11,
  dropped_events = 12,
  status = 15,
  flags = 16,
};
enum class span_event : pbf_tag_type { time = 1, name = 2, attributes = 3, dropped_attributes = 4 };
enum class status : pbf_tag_type { message = 2, code = 3 };

}  // namespace querytap::detail::otlp
