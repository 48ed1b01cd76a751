#include "client_model.hpp"

#include "../../base/utf8.hpp"

#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

#include <span>

namespace querytap::detail::client_model {
namespace {

using protozero::pbf_tag_type;

namespace family_field {
constexpr pbf_tag_type name = 1;
constexpr pbf_tag_type help = 2;
constexpr pbf_tag_type type = 3;
constexpr pbf_tag_type unit = 5;
}  // namespace family_field

constexpr pbf_tag_type created_of_counter = 3;

namespace histogram_field {
constexpr pbf_tag_type sample_count = 1;
constexpr pbf_tag_type sample_sum = 2;
constexpr pbf_tag_type bucket = 3;
constexpr pbf_tag_type schema = 5;
constexpr pbf_tag_type zero_threshold = 6;
constexpr pbf_tag_type zero_count = 7;
constexpr pbf_tag_type positive_span = 12;
constexpr pbf_tag_type positive_delta = 13;
constexpr pbf_tag_type created = 15;
constexpr pbf_tag_type exemplars = 16;
}  // namespace histogram_field

// As in other clients: except for 0, no value that is measured here lies below it.
constexpr double smallest_value = 0x1p-128;

std::int32_t type_code_of(instrument_kind kind) {
  constexpr std::int32_t counter = 0;
  constexpr std::int32_t gauge = 1;
  constexpr std::int32_t histogram = 4;
  switch (kind) {
    case instrument_kind::counter: return counter;
    case instrument_kind::histogram: return histogram;
    case instrument_kind::up_down_counter:
    case instrument_kind::info:  // the format has no type for it
    case instrument_kind::gauge: return gauge;
  }
  return gauge;
}

template <class Writer>
void write_label(Writer& message, std::string_view name, std::string_view value) {
  Writer pair{message, metric_field::label};
  pair.add_string(1, name.data(), name.size());
  pair.add_string(2, value.data(), value.size());
}

template <class Writer>
void write_timestamp(Writer& message, pbf_tag_type field, time_point time) {
  const auto since_epoch = time.time_since_epoch();
  const auto whole = std::chrono::floor<std::chrono::seconds>(since_epoch);
  const std::chrono::nanoseconds rest = since_epoch - whole;
  Writer stamp{message, field};
  stamp.add_int64(1, whole.count());
  stamp.add_int32(2, static_cast<std::int32_t>(rest.count()));
}

void write_exemplar_field(writer& parent, pbf_tag_type field, const exemplar& exemplar,
                          double recorded_per_unit) {
  writer message{parent, field};
  write_label(message, "trace_id", trace_id_text(exemplar.trace));
  write_label(message, "span_id", span_id_text(exemplar.trace));
  message.add_double(2, static_cast<double>(exemplar.value) / recorded_per_unit);
  write_timestamp(message, 3, exemplar.time);
}

// One by one, not packed: as every other client does. A delta of up to two bytes, as nearly all
// are, is written without a branch on its size, which is as hard to predict as the values.
void write_deltas(std::span<const std::int64_t> deltas, message_buffer& room) {
  constexpr std::uint32_t tag = histogram_field::positive_delta << 3;  // a varint
  static_assert(tag < 0x80);
  char* at = room.end();
  for (const std::int64_t delta : deltas) {
    const std::uint64_t number = protozero::encode_zigzag64(delta);
    if (number < 1U << 14) [[likely]] {
      const bool two_bytes = number >= 0x80;
      at[0] = static_cast<char>(tag);
      at[1] = static_cast<char>((number & 0x7f) | (two_bytes ? 0x80 : 0));
      at[2] = static_cast<char>(number >> 7);
      at += two_bytes ? 3 : 2;
    } else {
      *at++ = static_cast<char>(tag);
      at += protozero::write_varint(at, number);
    }
  }
  room.resize(static_cast<std::size_t>(at - room.data()));
}

}  // namespace

family_frame frame_of(const std::string& name, const std::string& help, instrument_kind kind,
                      const std::string& unit) {
  family_frame frame;
  protozero::pbf_writer head{frame.head};
  head.add_string(family_field::name, name);
  head.add_string(family_field::help, valid_utf8(help));
  head.add_enum(family_field::type, type_code_of(kind));
  protozero::pbf_writer tail{frame.tail};
  if (!unit.empty()) tail.add_string(family_field::unit, unit);
  return frame;
}

std::string label_fields(std::span<const std::pair<std::string, std::string>> labels) {
  std::string fields;
  protozero::pbf_writer metric{fields};
  for (const auto& [name, value] : labels) write_label(metric, name, value);
  return fields;
}

void write_number(writer& metric, instrument_kind kind, double value, time_point start) {
  const bool counter = kind == instrument_kind::counter;
  writer message{metric, counter ? metric_field::counter : metric_field::gauge};
  message.add_double(1, value);
  if (counter && start != time_point{}) write_timestamp(message, created_of_counter, start);
}

void write_totals(writer& histogram, std::uint64_t count, double sum) {
  histogram.add_uint64(histogram_field::sample_count, count);
  histogram.add_double(histogram_field::sample_sum, sum);
}

void write_bucket(std::uint64_t cumulative, double bound, message_buffer& room) {
  const std::size_t begin = room.size();
  room.resize(begin + 2);  // the tag and the length take a byte each
  writer bucket{room};
  bucket.add_uint64(1, cumulative);
  bucket.add_double(2, bound);
  char* const head = room.data() + begin;
  head[0] = static_cast<char>(histogram_field::bucket << 3U |
                              static_cast<unsigned>(protozero::pbf_wire_type::length_delimited));
  head[1] = static_cast<char>(room.size() - begin - 2);
}

void write_bucket(std::uint64_t cumulative, double bound, const exemplar& exemplar,
                  double recorded_per_unit, message_buffer& room) {
  writer histogram{room};
  writer bucket{histogram, histogram_field::bucket};
  bucket.add_uint64(1, cumulative);
  bucket.add_double(2, bound);
  write_exemplar_field(bucket, 3, exemplar, recorded_per_unit);
}

void write_native(writer& histogram, const native_buckets& buckets, message_buffer& room) {
  histogram.add_sint32(histogram_field::schema, bucket_layout::scale);
  histogram.add_double(histogram_field::zero_threshold, smallest_value);
  histogram.add_uint64(histogram_field::zero_count, buckets.zero_count());
  for (const native_buckets::span& run : buckets.spans()) {
    writer message{histogram, histogram_field::positive_span};
    message.add_sint32(1, run.offset);
    message.add_uint32(2, run.length);
  }
  if (buckets.spans().empty()) {
    // Without a span, a server would take it for a histogram with classic buckets only.
    writer none{histogram, histogram_field::positive_span};
    none.add_sint32(1, 0);
    none.add_uint32(2, 0);
  }
  write_deltas(buckets.deltas(), room);
}

std::string start_field(time_point start) {
  std::string field;
  protozero::pbf_writer histogram{field};
  if (start != time_point{}) write_timestamp(histogram, histogram_field::created, start);
  return field;
}

void write_exemplar(writer& histogram, const exemplar& exemplar, double recorded_per_unit) {
  write_exemplar_field(histogram, histogram_field::exemplars, exemplar, recorded_per_unit);
}

}  // namespace querytap::detail::client_model
