#include <querytap/exporters/otlp/otlp_metrics.hpp>

#include "../common/family_cache.hpp"
#include "../common/family_plan.hpp"
#include "earlier_points.hpp"
#include "histogram_change.hpp"
#include "otlp_wire.hpp"

#include <algorithm>
#include <optional>
#include <vector>

namespace querytap {
namespace detail {

/// The implementation of otlp_metrics.
class otlp_metrics_encoder {
 public:
  explicit otlp_metrics_encoder(otlp_metrics_options options) : options_{std::move(options)} {}

  otlp_payload render(const snapshot& current, const snapshot& previous) {
    otlp_payload request;
    layout_of_bounds_ = nullptr;  // another layout may have its address by this request
    request.body.reserve(last_size_ + last_size_ / 8);
    open_envelope envelope{request.body, current.resource, options_.scope, last_size_};
    for (const auto& metric : current.metrics) {
      request.records += add_metric(*metric, current, previous, request);
    }
    envelope.close();
    plans_.evict_unused();
    last_size_ = request.body.size();
    if (request.records == 0) request.body.clear();
    return request;
  }

 private:
  using time_point = std::chrono::system_clock::time_point;
  using plan = family_plan<std::string>;  // for each series its attributes, encoded

  // `AggregationTemporality`
  static constexpr std::int32_t delta_code = 1;
  static constexpr std::int32_t cumulative_code = 2;
  // Of a data point: its tag, and mostly two bytes for its size.
  static constexpr std::size_t header_size = 3;

  // A series in a request: the points of all its statements as one.
  struct total {
    const series_identity& series;
    const std::string& attributes;    // encoded, as fields of a data point
    const histogram_data* histogram;  // null for counters and gauges
    std::int64_t number;
  };

  // What the points of one metric have in common.
  struct metric_frame {
    const querytap::instrument& instrument;
    otlp::metric data;
    bool delta;
    time_point start;  // of series without a start of their own
    time_point time;
    time_point since;         // the end of what was reported before
    const snapshot* earlier;  // null unless the points are differences
  };

  static otlp::metric data_field(instrument_kind kind, otlp_histograms histograms) {
    switch (kind) {
      case instrument_kind::info:
      case instrument_kind::gauge: return otlp::metric::gauge;
      case instrument_kind::counter:
      case instrument_kind::up_down_counter: return otlp::metric::sum;
      case instrument_kind::histogram: break;
    }
    return histograms == otlp_histograms::exponential ? otlp::metric::exponential_histogram
                                                      : otlp::metric::histogram;
  }

  // The attributes of a data point, in the field that its kind has for them.
  template <class Field>
  static std::string attribute_fields(const attributes& labels) {
    std::string bytes;
    pbf_builder<Field> point{bytes};
    add_attributes(point, Field::attributes, labels);
    bytes.shrink_to_fit();  // there are as many of these as series
    return bytes;
  }

  static std::string attribute_fields(otlp::metric data, const attributes& labels) {
    switch (data) {
      case otlp::metric::histogram: return attribute_fields<otlp::histogram_point>(labels);
      case otlp::metric::exponential_histogram:
        return attribute_fields<otlp::exponential_point>(labels);
      default: return attribute_fields<otlp::number_point>(labels);
    }
  }

  metric_frame frame_of(const instrument& instrument, const snapshot& current,
                        const snapshot& previous) const {
    const bool grows = instrument.kind == instrument_kind::counter ||
                       instrument.kind == instrument_kind::histogram;
    const bool delta = grows && options_.temporality == otlp_temporality::delta;
    return {instrument,
            data_field(instrument.kind, options_.histograms),
            delta,
            current.start,
            current.time,
            delta ? previous.time : time_point::min(),
            delta ? &previous : nullptr};
  }

  std::size_t add_metric(const metric& metric, const snapshot& current, const snapshot& previous,
                         otlp_payload& request) {
    const metric_frame frame = frame_of(*metric.instrument, current, previous);
    std::string& body = request.body;
    const std::size_t size_before = body.size();
    open_message message{body, otlp::scope_data::records, last_size_};
    pbf_builder<otlp::metric> head{body};
    add_text(head, otlp::metric::name, metric.instrument->name);
    add_text(head, otlp::metric::description, metric.instrument->description);
    add_text(head, otlp::metric::unit, metric.instrument->unit);
    open_message data{body, frame.data, last_size_};
    const std::size_t points = add_points(metric, frame, body);
    add_temporality(frame, body);
    data.close();
    message.close();
    if (points == 0) body.resize(size_before);
    return points;
  }

  std::size_t add_points(const metric& metric, const metric_frame& frame, std::string& body) {
    plan& series = plans_.find_or_make(*metric.instrument, [] { return plan{}; });
    series.follow(metric, [&](const point& first) {
      return attribute_fields(frame.data, first.series->labels);
    });
    const earlier_points before{frame.earlier, *metric.instrument, series};
    std::size_t count = 0;
    series.for_each(metric, [&](const std::string& attributes, point_range points) {
      point_.clear();
      const total sum{*points[0].series, attributes, points.histogram(merged_), points.number()};
      if (!encode(sum, before.find(points), frame)) return;
      if (count == 0) make_room(body, series.size());
      pbf_builder<otlp::metric_data>{body}.add_message(otlp::metric_data::points, point_);
      ++count;
    });
    return count;
  }

  // For points as large as the first, in one step: a body that doubles needs its bytes twice.
  void make_room(std::string& body, std::size_t points) const {
    const std::size_t likely = body.size() + points * (point_.size() + header_size);
    if (likely > body.capacity()) body.reserve(likely + likely / 16);
  }

  static void add_temporality(const metric_frame& frame, std::string& body) {
    if (frame.data == otlp::metric::gauge) return;
    pbf_builder<otlp::metric_data> data{body};
    data.add_enum(otlp::metric_data::temporality, frame.delta ? delta_code : cumulative_code);
    if (frame.instrument.kind == instrument_kind::counter) {
      data.add_bool(otlp::metric_data::monotonic, true);
    }
  }

  // Into point_; false if there is nothing to report.
  bool encode(const total& sum, const std::optional<point_range>& before,
              const metric_frame& frame) {
    if (sum.histogram == nullptr) {
      // What was counted before its start belongs to nobody's interval.
      const std::int64_t number =
          sum.number - (before.has_value() ? before->number() : sum.series.at_start);
      if (frame.delta && number == 0) return false;
      encode_number(sum, number, frame);
    } else {
      change_.assign(*sum.histogram, before);
      if (frame.delta && change_.count() == 0) return false;
      encode_histogram(sum, frame);
    }
    return true;
  }

  static time_point start_of(const total& sum, const metric_frame& frame) {
    const bool has_own = sum.series.start != time_point{};
    return std::max(has_own ? sum.series.start : frame.start, frame.since);
  }

  void encode_number(const total& sum, std::int64_t number, const metric_frame& frame) {
    pbf_builder<otlp::number_point> message{point_};
    if (frame.data != otlp::metric::gauge) {
      message.add_fixed64(otlp::number_point::start, unix_nanoseconds(start_of(sum, frame)));
    }
    message.add_fixed64(otlp::number_point::time, unix_nanoseconds(frame.time));
    if (const double per_unit = frame.instrument.recorded_per_unit(); per_unit != 1) {
      message.add_double(otlp::number_point::number, static_cast<double>(number) / per_unit);
    } else {
      message.add_sfixed64(otlp::number_point::integer, number);
    }
    point_ += sum.attributes;
  }

  void encode_histogram(const total& sum, const metric_frame& frame) {
    const histogram_data& data = *sum.histogram;
    const bool has_range = change_.is_all() && data.count() != 0;
    if (frame.data == otlp::metric::exponential_histogram) {
      point_ += sum.attributes;
      add_totals<otlp::exponential_point>(sum, data, frame);
      add_exponential_buckets();
      add_exemplars<otlp::exponential_point>(data, frame);
      if (has_range) add_range<otlp::exponential_point>(data);
    } else {
      add_totals<otlp::histogram_point>(sum, data, frame);
      add_explicit_buckets(data);
      add_exemplars<otlp::histogram_point>(data, frame);
      point_ += sum.attributes;
      if (has_range) add_range<otlp::histogram_point>(data);
    }
  }

  template <class Field>
  void add_totals(const total& sum, const histogram_data& data, const metric_frame& frame) {
    pbf_builder<Field> message{point_};
    message.add_fixed64(Field::start, unix_nanoseconds(start_of(sum, frame)));
    message.add_fixed64(Field::time, unix_nanoseconds(frame.time));
    message.add_fixed64(Field::count, change_.count());
    message.add_double(Field::sum, data.to_unit(change_.sum()));
  }

  template <class Field>
  void add_range(const histogram_data& data) {
    pbf_builder<Field> message{point_};
    message.add_double(Field::min, data.to_unit(data.min()));
    message.add_double(Field::max, data.to_unit(data.max()));
  }

  template <class Field>
  void add_exemplars(const histogram_data& data, const metric_frame& frame) {
    if (!options_.exemplars) return;
    pbf_builder<Field> point{point_};
    for (const exemplar& exemplar : data.exemplars()) {
      if (exemplar.time <= frame.since) continue;
      pbf_builder<otlp::exemplar> message{point, Field::exemplars};
      message.add_fixed64(otlp::exemplar::time, unix_nanoseconds(exemplar.time));
      message.add_double(otlp::exemplar::number, data.to_unit(exemplar.value));
      add_bytes(message, otlp::exemplar::span_id, exemplar.trace.span_id);
      add_bytes(message, otlp::exemplar::trace_id, exemplar.trace.trace_id);
    }
  }

  void add_explicit_buckets(const histogram_data& data) {
    const std::span<const std::uint64_t> counts = change_.explicit_counts();
    pbf_builder<otlp::histogram_point> message{point_};
    message.add_packed_fixed64(otlp::histogram_point::counts, counts.begin(), counts.end());
    point_ += bounds_of(data.layout());
  }

  // The series of an instrument share their layout.
  const std::string& bounds_of(const bucket_layout& layout) {
    if (&layout == layout_of_bounds_) return bounds_;
    layout_of_bounds_ = &layout;
    bounds_.clear();
    const auto bounds = layout.bounds();
    pbf_builder<otlp::histogram_point>{bounds_}.add_packed_double(otlp::histogram_point::bounds,
                                                                  bounds.begin(), bounds.end());
    return bounds_;
  }

  void add_exponential_buckets() {
    const histogram_data::exponential_view& view = change_.exponential();
    pbf_builder<otlp::exponential_point> message{point_};
    message.add_sint32(otlp::exponential_point::scale, view.scale);
    if (view.zero_count != 0) {
      message.add_fixed64(otlp::exponential_point::zero_count, view.zero_count);
    }
    if (view.counts.empty()) return;
    pbf_builder<otlp::buckets> positive{message, otlp::exponential_point::positive};
    if (view.offset != 0) positive.add_sint32(otlp::buckets::offset, view.offset);
    positive.add_packed_uint64(otlp::buckets::counts, view.counts.begin(), view.counts.end());
  }

  otlp_metrics_options options_;
  family_cache<plan> plans_;
  std::size_t last_size_ = 0;
  // Buffers, used again from point to point.
  std::optional<histogram_data> merged_;
  std::string point_;
  histogram_change change_;
  const bucket_layout* layout_of_bounds_ = nullptr;  // valid within one request
  std::string bounds_;
};

}  // namespace detail

otlp_metrics::otlp_metrics(otlp_metrics_options options)
    : encoder_{std::make_unique<detail::otlp_metrics_encoder>(std::move(options))} {}
otlp_metrics::~otlp_metrics() = default;
otlp_metrics::otlp_metrics(otlp_metrics&&) noexcept = default;
otlp_metrics& otlp_metrics::operator=(otlp_metrics&&) noexcept = default;

otlp_payload otlp_metrics::render(const snapshot& current, const snapshot& previous) {
  return encoder_->render(current, previous);
}

}  // namespace querytap
