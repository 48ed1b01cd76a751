#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>

#include "../common/family_cache.hpp"
#include "../common/family_plan.hpp"
#include "../common/output_buffer.hpp"
#include "bucket_exemplars.hpp"
#include "classic_counts.hpp"
#include "client_model.hpp"
#include "exposition_metrics.hpp"
#include "family_names.hpp"
#include "series_labels.hpp"

#include <protozero/varint.hpp>

#include <absl/container/flat_hash_set.h>

#include <limits>
#include <optional>

namespace querytap {
namespace detail {

/// The implementation of prometheus_protobuf.
class protobuf_exposition {
 public:
  explicit protobuf_exposition(prometheus_protobuf_options options) : options_{options} {}

  void render(const snapshot& snapshot, const family_filter& accepts, std::string& body) {
    output_buffer out{body, body.size() + body.size() / 8};
    absl::flat_hash_set<const instrument*> followed;
    const auto add = [&](const metric* metric) {
      if (metric == nullptr || !followed.insert(metric->instrument).second) return;
      cached_family& family = follow(*metric);
      own_metrics_.count_renamed(*metric->instrument, family.renamed);
      if (accepts(family.name.family, family.name.type)) render_family(family, *metric, out);
    };
    add(own_metrics_.resource(snapshot.resource));
    for (const auto& metric : snapshot.metrics) add(metric.get());
    add(own_metrics_.take_renamed());
    families_.evict_unused();
  }

 private:
  using writer = client_model::writer;

  struct prepared_series {
    std::string labels;  // encoded
    client_model::time_point start;
    std::string start_field;  // of histograms, encoded
    bool is_renamed;
    distinct_texts::holder holder;  // of the labels
  };
  struct cached_family {
    family_name name;
    client_model::family_frame frame;
    instrument_kind kind;
    double recorded_per_unit;
    label_sets labels = {};
    family_plan<prepared_series> plan = {};
    std::size_t renamed = 0;    // series
    std::size_t last_size = 0;  // of the message
  };

  cached_family& follow(const metric& metric) {
    cached_family& family =
        families_.find_or_make(*metric.instrument, [&] { return make_family(*metric.instrument); });
    const bool has_changed = family.plan.follow(metric, [&](const point& first) {
      series_labels own = family.labels.take(first.series->labels);
      return prepared_series{client_model::label_fields(own.labels), first.series->start,
                             client_model::start_field(first.series->start), own.is_renamed,
                             std::move(own.holder)};
    });
    if (!has_changed) return family;
    family.renamed = 0;
    family.plan.for_each(metric, [&](const prepared_series& series, point_range) {
      family.renamed += family.name.is_renamed || series.is_renamed ? 1 : 0;
    });
    return family;
  }

  cached_family make_family(const instrument& instrument) {
    family_name name = names_.take(instrument);
    client_model::family_frame frame = client_model::frame_of(
        name.sample, std::string{instrument.description}, instrument.kind, name.unit);
    return {std::move(name), std::move(frame), instrument.kind,
            exported_number_divisor(instrument)};
  }

  void render_family(cached_family& family, const metric& metric, output_buffer& out) {
    render_framed(family, out, [&] {
      family.plan.for_each(metric, [&](const prepared_series& series, point_range points) {
        if (family.kind == instrument_kind::histogram) {
          write_histogram(family, series, points, out);
        } else {
          write_number(family, series.labels, points.number(), series.start, out);
        }
      });
    });
  }

  // The length is written before the message and known after it: room is left for as many bytes as
  // the length had in the last scrape, and the message is moved only if that was wrong.
  template <class Write>
  static void render_framed(cached_family& family, output_buffer& out, Write write) {
    const std::size_t begin = out.size();
    const auto guessed = static_cast<std::size_t>(protozero::length_of_varint(family.last_size));
    out.append(std::string(guessed, '\0'));
    out.append(family.frame.head);
    write();
    out.append(family.frame.tail);
    family.last_size = out.size() - begin - guessed;
    char length[protozero::max_varint_length];
    const auto digits = static_cast<std::size_t>(protozero::write_varint(length, family.last_size));
    out.replace(begin, guessed, {length, digits});
  }

  static void write_number(const cached_family& family, std::string_view labels,
                           std::int64_t number, client_model::time_point start,
                           output_buffer& out) {
    message_buffer room{out.room_for(labels.size() + client_model::most_other_bytes)};
    writer family_message{room};
    {
      writer metric_message{family_message, client_model::metric_of_family};
      room.append(labels);
      client_model::write_number(metric_message, family.kind,
                                 static_cast<double>(number) / family.recorded_per_unit, start);
    }
    out.end_at(room.end());
  }

  void write_histogram(const cached_family& family, const prepared_series& series,
                       point_range points, output_buffer& out) {
    const bool classic = options_.histograms != histogram_form::native;
    const bool native = options_.histograms != histogram_form::classic;
    const histogram_data& all = *points.histogram(merged_);
    exemplars_.clear();
    if (classic) {
      exemplars_.choose(points);
      counts_.add_up(points);
    }
    if (native) {
      all.exponential(view_);
      native_.assign(view_);
    }
    message_buffer room{out.room_for(most_bytes(series, points))};
    writer fields{room};
    framed_message metric_message{room, client_model::metric_of_family};
    room.append(series.labels);
    framed_message histogram{room, client_model::metric_field::histogram};
    client_model::write_totals(fields, all.count(), all.to_unit(all.sum()));
    if (classic) write_buckets(points[0].histogram->layout().bounds(), family, room);
    if (native) client_model::write_native(fields, native_, room);
    room.append(series.start_field);
    if (native) write_exemplars(fields, points, family);
    histogram.close();
    metric_message.close();
    out.end_at(room.end());
  }

  void write_buckets(std::span<const double> bounds, const cached_family& family,
                     message_buffer& room) {
    const std::span<const std::uint64_t> cumulative = counts_.cumulative();
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
      const double bound = i == bounds.size() ? std::numeric_limits<double>::infinity() : bounds[i];
      if (const exemplar* exemplar = exemplars_.in_bucket(i)) {
        client_model::write_bucket(cumulative[i], bound, *exemplar, family.recorded_per_unit, room);
      } else {
        client_model::write_bucket(cumulative[i], bound, room);
      }
    }
  }

  static void write_exemplars(writer& histogram, point_range points, const cached_family& family) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      for (const exemplar& exemplar : points[i].histogram->exemplars()) {
        client_model::write_exemplar(histogram, exemplar, family.recorded_per_unit);
      }
    }
  }

  [[nodiscard]] std::size_t most_bytes(const prepared_series& series, point_range points) const {
    std::size_t exemplars = exemplars_.size();
    for (std::size_t i = 0; i < points.size(); ++i) {
      exemplars += points[i].histogram->exemplars().size();
    }
    return series.labels.size() + client_model::most_other_bytes +
           counts_.cumulative().size() * client_model::most_bucket_bytes +
           native_.deltas().size() * client_model::most_native_bucket_bytes +
           exemplars * client_model::most_exemplar_bytes;
  }

  prometheus_protobuf_options options_;
  exposition_metrics own_metrics_;
  family_names names_;
  family_cache<cached_family> families_;
  // Buffers, used again from series to series.
  classic_counts counts_;
  std::optional<histogram_data> merged_;
  histogram_data::exponential_view view_;
  native_buckets native_;
  bucket_exemplars exemplars_;
};

}  // namespace detail

prometheus_protobuf::prometheus_protobuf(prometheus_protobuf_options options)
    : exposition_{std::make_unique<detail::protobuf_exposition>(options)} {}
prometheus_protobuf::~prometheus_protobuf() = default;
prometheus_protobuf::prometheus_protobuf(prometheus_protobuf&&) noexcept = default;
prometheus_protobuf& prometheus_protobuf::operator=(prometheus_protobuf&&) noexcept = default;

void prometheus_protobuf::render(const snapshot& snapshot, std::string& body) {
  render(
      snapshot, [](std::string_view, family_type) { return true; }, body);
}

void prometheus_protobuf::render(const snapshot& snapshot, const family_filter& accepts,
                                 std::string& body) {
  exposition_->render(snapshot, accepts, body);
}

std::string prometheus_protobuf::render(const snapshot& snapshot) {
  std::string body;
  render(snapshot, body);
  return body;
}

}  // namespace querytap
