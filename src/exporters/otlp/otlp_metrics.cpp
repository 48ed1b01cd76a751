#include <querytap/exporters/otlp/otlp_metrics.hpp>

#include "../common/family_cache.hpp"
#include "../common/family_plan.hpp"
#include "otlp_wire.hpp"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <optional>
#include <vector>

namespace querytap {
namespace {

using namespace detail;
using protozero::pbf_builder;
using time_point = std::chrono::system_clock::time_point;

// `AggregationTemporality`
constexpr std::int32_t delta_code = 1;
constexpr std::int32_t cumulative_code = 2;

// Of a data point: its tag, and mostly two bytes to tell its size.
constexpr std::size_t size_of_header = 3;

otlp::metric data_field(instrument_kind kind, otlp_histograms histograms) {
  switch (kind) {
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
std::string attribute_fields(const attributes& where) {
  std::string bytes;
  pbf_builder<Field> to{bytes};
  add_attributes(to, Field::attributes, where);
  bytes.shrink_to_fit();  // there are as many of these as series
  return bytes;
}

std::string attribute_fields(otlp::metric data, const attributes& where) {
  switch (data) {
    case otlp::metric::histogram: return attribute_fields<otlp::histogram_point>(where);
    case otlp::metric::exponential_histogram:
      return attribute_fields<otlp::exponential_point>(where);
    default: return attribute_fields<otlp::number_point>(where);
  }
}

// What a series has in a request: the points of all its statements as one.
struct total {
  const series_identity& series;
  const std::string& attributes;    // as they stand in a data point
  const histogram_data* histogram;  // null for counters and gauges
  std::int64_t number;
};

using earlier_points = absl::flat_hash_map<const series_identity*, point>;

earlier_points points_before(const snapshot& since, const instrument& what) {
  earlier_points found;
  for (const auto& one : since.metrics) {
    if (one->instrument->name != what.name) continue;
    for (point& p : merge_statements(one->points)) {
      const series_identity* series = p.series.get();
      found.emplace(series, std::move(p));
    }
  }
  return found;
}

}  // namespace

class otlp_metrics::encoder {
 public:
  explicit encoder(otlp_metrics_options options) : options_{std::move(options)} {}

  otlp_payload render(const snapshot& from, const snapshot& since) {
    otlp_payload request;
    bounds_are_of_ = nullptr;  // another layout may have its address by now
    request.body.reserve(size_of_last_ + size_of_last_ / 8);
    open_envelope around{request.body, from.resource, options_.scope, size_of_last_};
    for (const auto& one : from.metrics) request.records += add_metric(*one, from, since, request);
    around.close();
    plans_.forget_unused();
    size_of_last_ = request.body.size();
    if (request.records == 0) request.body.clear();
    return request;
  }

 private:
  using plan = family_plan<std::string>;  // of each series its attributes, encoded

  // What the points of one metric have in common.
  struct frame {
    const instrument& what;
    otlp::metric data;
    bool delta;
    time_point start;  // of series that do not tell their own
    time_point time;
    time_point since;  // what was before is told already
    earlier_points earlier;
  };

  frame frame_of(const instrument& what, const snapshot& from, const snapshot& since) const {
    const bool grows =
        what.kind == instrument_kind::counter || what.kind == instrument_kind::histogram;
    const bool delta = grows && options_.temporality == otlp_temporality::delta;
    return {what,
            data_field(what.kind, options_.histograms),
            delta,
            from.start,
            from.time,
            delta ? since.time : time_point::min(),
            delta ? points_before(since, what) : earlier_points{}};
  }

  std::size_t add_metric(const metric& one, const snapshot& from, const snapshot& since,
                         otlp_payload& request) {
    const frame within = frame_of(*one.instrument, from, since);
    std::string& body = request.body;
    const std::size_t before = body.size();
    open_message metric{body, otlp::scope_data::records, size_of_last_};
    pbf_builder<otlp::metric> head{body};
    add_text(head, otlp::metric::name, one.instrument->name);
    add_text(head, otlp::metric::description, one.instrument->description);
    add_text(head, otlp::metric::unit, one.instrument->unit);
    open_message data{body, within.data, size_of_last_};
    const std::size_t points = add_points(one, within, body);
    add_temporality(within, body);
    data.close();
    metric.close();
    if (points == 0) body.resize(before);
    return points;
  }

  std::size_t add_points(const metric& one, const frame& within, std::string& body) {
    plan& in = plans_.of(*one.instrument, [] { return plan{}; });
    in.follow(one, [&](const point& first) {
      return attribute_fields(within.data, first.series->labels);
    });
    std::size_t count = 0;
    in.for_each(one, [&](const std::string& attributes, point_range points) {
      point_.clear();
      const total sum{*points[0].series, attributes, points.histogram(merged_), points.number()};
      if (!encode(sum, within)) return;
      if (count == 0) make_room(body, in.size());
      pbf_builder<otlp::metric_data>{body}.add_message(otlp::metric_data::points, point_);
      ++count;
    });
    return count;
  }

  // For points like the first, at once: a body that doubles now and then holds its bytes twice.
  void make_room(std::string& body, std::size_t points) const {
    const std::size_t likely = body.size() + points * (point_.size() + size_of_header);
    if (likely > body.capacity()) body.reserve(likely + likely / 16);
  }

  static void add_temporality(const frame& within, std::string& body) {
    if (within.data == otlp::metric::gauge) return;
    pbf_builder<otlp::metric_data> to{body};
    to.add_enum(otlp::metric_data::temporality, within.delta ? delta_code : cumulative_code);
    if (within.what.kind == instrument_kind::counter) {
      to.add_bool(otlp::metric_data::monotonic, true);
    }
  }

  // Into point_; false if there is nothing to tell.
  bool encode(const total& one, const frame& within) {
    const auto found = within.earlier.find(&one.series);
    const point* earlier = found == within.earlier.end() ? nullptr : &found->second;
    if (one.histogram == nullptr) return encode_number(one, within, earlier);
    const std::uint64_t count_before = earlier == nullptr ? 0 : earlier->histogram->count();
    if (within.delta && one.histogram->count() == count_before) return false;
    if (count_before == 0) return encode_histogram(one, *one.histogram, within, true);
    return encode_histogram(one, one.histogram->difference(*earlier->histogram), within, false);
  }

  static time_point start_of(const total& one, const frame& within) {
    const bool has_own = one.series.start != time_point{};
    return std::max(has_own ? one.series.start : within.start, within.since);
  }

  bool encode_number(const total& one, const frame& within, const point* earlier) {
    const std::int64_t number = one.number - (earlier == nullptr ? 0 : earlier->number);
    if (within.delta && number == 0) return false;
    pbf_builder<otlp::number_point> to{point_};
    if (within.data != otlp::metric::gauge) {
      to.add_fixed64(otlp::number_point::start, unix_nanoseconds(start_of(one, within)));
    }
    to.add_fixed64(otlp::number_point::time, unix_nanoseconds(within.time));
    if (const double per_unit = within.what.recorded_per_unit(); per_unit != 1) {
      to.add_double(otlp::number_point::number, static_cast<double>(number) / per_unit);
    } else {
      to.add_sfixed64(otlp::number_point::integer, number);
    }
    point_ += one.attributes;
    return true;
  }

  bool encode_histogram(const total& one, const histogram_data& data, const frame& within,
                        bool has_range) {
    has_range = has_range && data.count() != 0;
    if (within.data == otlp::metric::exponential_histogram) {
      point_ += one.attributes;
      add_totals<otlp::exponential_point>(one, data, within);
      add_exponential_buckets(data);
      add_exemplars<otlp::exponential_point>(data, within);
      if (has_range) add_range<otlp::exponential_point>(data);
    } else {
      add_totals<otlp::histogram_point>(one, data, within);
      add_explicit_buckets(data);
      add_exemplars<otlp::histogram_point>(data, within);
      point_ += one.attributes;
      if (has_range) add_range<otlp::histogram_point>(data);
    }
    return true;
  }

  template <class Field>
  void add_totals(const total& one, const histogram_data& data, const frame& within) {
    pbf_builder<Field> to{point_};
    to.add_fixed64(Field::start, unix_nanoseconds(start_of(one, within)));
    to.add_fixed64(Field::time, unix_nanoseconds(within.time));
    to.add_fixed64(Field::count, data.count());
    to.add_double(Field::sum, data.to_unit(data.sum()));
  }

  template <class Field>
  void add_range(const histogram_data& data) {
    pbf_builder<Field> to{point_};
    to.add_double(Field::min, data.to_unit(data.min()));
    to.add_double(Field::max, data.to_unit(data.max()));
  }

  template <class Field>
  void add_exemplars(const histogram_data& data, const frame& within) {
    if (!options_.exemplars) return;
    pbf_builder<Field> to{point_};
    for (const exemplar& one : data.exemplars()) {
      if (one.time <= within.since) continue;
      pbf_builder<otlp::exemplar> item{to, Field::exemplars};
      item.add_fixed64(otlp::exemplar::time, unix_nanoseconds(one.time));
      item.add_double(otlp::exemplar::number, data.to_unit(one.value));
      add_bytes(item, otlp::exemplar::span_id, one.trace.span_id);
      add_bytes(item, otlp::exemplar::trace_id, one.trace.trace_id);
    }
  }

  void add_explicit_buckets(const histogram_data& data) {
    counts_.resize(data.layout().bounds().size() + 1);
    data.explicit_counts(counts_);
    pbf_builder<otlp::histogram_point> to{point_};
    to.add_packed_fixed64(otlp::histogram_point::counts, counts_.begin(), counts_.end());
    point_ += bounds_of(data.layout());
  }

  // The series of an instrument share their layout.
  const std::string& bounds_of(const bucket_layout& layout) {
    if (&layout == bounds_are_of_) return bounds_;
    bounds_are_of_ = &layout;
    bounds_.clear();
    const auto bounds = layout.bounds();
    pbf_builder<otlp::histogram_point>{bounds_}.add_packed_double(otlp::histogram_point::bounds,
                                                                  bounds.begin(), bounds.end());
    return bounds_;
  }

  void add_exponential_buckets(const histogram_data& data) {
    const histogram_data::exponential_view view = data.exponential();
    pbf_builder<otlp::exponential_point> to{point_};
    to.add_sint32(otlp::exponential_point::scale, view.scale);
    if (view.zero_count != 0) to.add_fixed64(otlp::exponential_point::zero_count, view.zero_count);
    if (view.counts.empty()) return;
    pbf_builder<otlp::buckets> positive{to, otlp::exponential_point::positive};
    if (view.offset != 0) positive.add_sint32(otlp::buckets::offset, view.offset);
    positive.add_packed_uint64(otlp::buckets::counts, view.counts.begin(), view.counts.end());
  }

  otlp_metrics_options options_;
  family_cache<plan> plans_;
  std::size_t size_of_last_ = 0;
  // Room to work in, kept from one to the next.
  std::optional<histogram_data> merged_;
  std::string point_;
  std::vector<std::uint64_t> counts_;
  const bucket_layout* bounds_are_of_ = nullptr;  // within one request
  std::string bounds_;
};

otlp_metrics::otlp_metrics(otlp_metrics_options options)
    : encoder_{std::make_unique<encoder>(std::move(options))} {}
otlp_metrics::~otlp_metrics() = default;
otlp_metrics::otlp_metrics(otlp_metrics&&) noexcept = default;
otlp_metrics& otlp_metrics::operator=(otlp_metrics&&) noexcept = default;

otlp_payload otlp_metrics::render(const snapshot& from, const snapshot& since) {
  return encoder_->render(from, since);
}

}  // namespace querytap
