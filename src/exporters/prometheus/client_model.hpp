#pragma once

#include "message_buffer.hpp"
#include "native_buckets.hpp"

#include <querytap/snapshot/exemplar.hpp>
#include <querytap/snapshot/instrument.hpp>

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <utility>

/// The messages of io.prometheus.client, which Prometheus' protobuf format is made of.
namespace querytap::detail::client_model {

using writer = message_writer;
using time_point = std::chrono::system_clock::time_point;

/// The fields at the beginning and at the end of a family; its metrics are in between.
struct family_frame {
  std::string head;  ///< name, help and type
  std::string tail;  ///< unit
};
inline constexpr protozero::pbf_tag_type metric_of_family = 4;
namespace metric_field {
inline constexpr protozero::pbf_tag_type label = 1;
inline constexpr protozero::pbf_tag_type gauge = 2;
inline constexpr protozero::pbf_tag_type counter = 3;
inline constexpr protozero::pbf_tag_type summary = 4;
inline constexpr protozero::pbf_tag_type untyped = 5;
inline constexpr protozero::pbf_tag_type histogram = 7;
}  // namespace metric_field
/// The most bytes of a bucket, an exemplar, a native bucket, and the rest of a metric.
inline constexpr std::size_t most_bucket_bytes = 24;
inline constexpr std::size_t most_exemplar_bytes = 160;
inline constexpr std::size_t most_native_bucket_bytes = 32;
inline constexpr std::size_t most_other_bytes = 128;

[[nodiscard]] family_frame frame_of(const std::string& name, const std::string& help,
                                    instrument_kind kind, const std::string& unit);

/// The labels of a metric, as fields of the metric.
[[nodiscard]] std::string label_fields(std::span<const std::pair<std::string, std::string>> labels);

/// When a histogram began to count, as a field of it; nothing if that is the epoch: not known.
[[nodiscard]] std::string start_field(time_point start);

/// Counters and gauges. `start` is when a counter began to count; the epoch if that is not known.
void write_number(writer& metric, instrument_kind kind, double value, time_point start);

/// The parts of a histogram, in the order of their fields.
void write_totals(writer& histogram, std::uint64_t count, double sum);
/// `room` is the buffer of the histogram.
void write_bucket(std::uint64_t cumulative, double bound, message_buffer& room);
void write_bucket(std::uint64_t cumulative, double bound, const exemplar& exemplar,
                  double recorded_per_unit, message_buffer& room);
void write_native(writer& histogram, const native_buckets& buckets, message_buffer& room);
/// An exemplar of the native part.
void write_exemplar(writer& histogram, const exemplar& exemplar, double recorded_per_unit);

}  // namespace querytap::detail::client_model
