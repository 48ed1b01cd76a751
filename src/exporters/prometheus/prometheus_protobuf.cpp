#include <querytap/exporters/prometheus/prometheus_protobuf.hpp>

#include "../common/family_cache.hpp"
#include "../common/family_plan.hpp"
#include "bucket_exemplars.hpp"
#include "classic_counts.hpp"
#include "client_model.hpp"
#include "scrape_buffer.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include <protozero/varint.hpp>

#include <absl/container/flat_hash_set.h>

#include <limits>
#include <optional>

namespace querytap {

using detail::client_model::writer;
namespace client_model = detail::client_model;

class prometheus_protobuf::exposition {
 public:
  explicit exposition(prometheus_protobuf_options options) : options_{options} {}

  void render(const snapshot& from, std::string& into) {
    detail::scrape_buffer out{into, into.size() + into.size() / 8};
    if (!from.resource.empty()) render_info(from.resource, out);
    absl::flat_hash_set<std::string_view> names{info_name};
    for (const auto& one : from.metrics) {
      family& in = follow(*one);
      // A family stands once: of two instruments whose names become the same, the first.
      if (names.insert(in.name).second) render_family(in, *one, out);
    }
    families_.forget_unused();
  }

 private:
  static constexpr std::string_view info_name = "target_info";

  struct prepared_series {
    std::string labels;  // encoded
    client_model::time_point start;
  };
  struct family {
    std::string name;
    client_model::family_frame frame;
    instrument_kind kind;
    double recorded_per_unit;
    detail::family_plan<prepared_series> plan;
    std::size_t last_size = 0;  // of the message
  };

  family& follow(const metric& to) {
    family& in = families_.of(*to.instrument, [&] { return make_family(*to.instrument); });
    in.plan.follow(to, [](const point& first) {
      return prepared_series{client_model::label_fields(first.series->labels), first.series->start};
    });
    return in;
  }

  static family make_family(const instrument& what) {
    std::string name = prometheus_name(what);
    client_model::family_frame frame = client_model::frame_of(name, std::string{what.description},
                                                              what.kind, open_metrics_unit(what));
    return {std::move(name), std::move(frame), what.kind, what.recorded_per_unit(), {}};
  }

  void render_info(const attributes& resource, detail::scrape_buffer& to) {
    family info{
        std::string{info_name},
        client_model::frame_of(std::string{info_name}, std::string{detail::target_info_help},
                               instrument_kind::gauge, ""),
        instrument_kind::gauge,
        1,
        {}};
    render_framed(info, to,
                  [&] { write_number(info, client_model::label_fields(resource), 1, {}, to); });
  }

  void render_family(family& in, const metric& from, detail::scrape_buffer& to) {
    render_framed(in, to, [&] {
      in.plan.for_each(from, [&](const prepared_series& of, detail::point_range points) {
        if (in.kind == instrument_kind::histogram) {
          write_histogram(in, of, points, to);
        } else {
          write_number(in, of.labels, points.number(), of.start, to);
        }
      });
    });
  }

  // The length stands before the message and is known after it: room is left for as many digits as
  // it had the last time, and the message moved only where that was wrong.
  template <class Write>
  static void render_framed(family& in, detail::scrape_buffer& to, Write write) {
    const std::size_t begin = to.size();
    const auto guessed = static_cast<std::size_t>(protozero::length_of_varint(in.last_size));
    to.append(std::string(guessed, '\0'));
    to.append(in.frame.head);
    write();
    to.append(in.frame.tail);
    in.last_size = to.size() - begin - guessed;
    char length[protozero::max_varint_length];
    const auto digits = static_cast<std::size_t>(protozero::write_varint(length, in.last_size));
    to.replace(begin, guessed, {length, digits});
  }

  static void write_number(const family& in, std::string_view labels, std::int64_t number,
                           client_model::time_point start, detail::scrape_buffer& to) {
    detail::message_buffer room{to.room_for(labels.size() + client_model::most_other_bytes)};
    writer family_message{room};
    {
      writer metric_message{family_message, client_model::metric_of_family};
      room.append(labels);
      client_model::write_number(metric_message, in.kind,
                                 static_cast<double>(number) / in.recorded_per_unit, start);
    }
    to.end_at(room.end());
  }

  void write_histogram(const family& in, const prepared_series& of, detail::point_range points,
                       detail::scrape_buffer& to) {
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
    detail::message_buffer room{to.room_for(most_bytes(of, points))};
    writer family_message{room};
    {
      writer metric_message{family_message, client_model::metric_of_family};
      room.append(of.labels);
      writer histogram{metric_message, client_model::metric_field::histogram};
      client_model::write_totals(histogram, all.count(), all.to_unit(all.sum()));
      if (classic) write_buckets(histogram, points[0].histogram->layout().bounds(), in);
      if (native) client_model::write_native(histogram, native_, room);
      client_model::write_start(histogram, of.start);
      if (native) write_exemplars(histogram, points, in);
    }
    to.end_at(room.end());
  }

  void write_buckets(writer& histogram, std::span<const double> bounds, const family& in) {
    for (std::size_t i = 0; i <= bounds.size(); ++i) {
      const double bound = i == bounds.size() ? std::numeric_limits<double>::infinity() : bounds[i];
      client_model::write_bucket(histogram, counts_.cumulative()[i], bound, exemplars_.of(i),
                                 in.recorded_per_unit);
    }
  }

  static void write_exemplars(writer& histogram, detail::point_range points, const family& in) {
    for (std::size_t i = 0; i < points.size(); ++i) {
      for (const exemplar& one : points[i].histogram->exemplars()) {
        client_model::write_exemplar(histogram, one, in.recorded_per_unit);
      }
    }
  }

  [[nodiscard]] std::size_t most_bytes(const prepared_series& of,
                                       detail::point_range points) const {
    std::size_t exemplars = exemplars_.size();
    for (std::size_t i = 0; i < points.size(); ++i) {
      exemplars += points[i].histogram->exemplars().size();
    }
    return of.labels.size() + client_model::most_other_bytes +
           counts_.cumulative().size() * client_model::most_bucket_bytes +
           native_.deltas().size() * client_model::most_native_bucket_bytes +
           exemplars * client_model::most_exemplar_bytes;
  }

  prometheus_protobuf_options options_;
  detail::family_cache<family> families_;
  // Room to work in, kept from series to series.
  detail::classic_counts counts_;
  std::optional<histogram_data> merged_;
  histogram_data::exponential_view view_;
  detail::native_buckets native_;
  detail::bucket_exemplars exemplars_;
};

prometheus_protobuf::prometheus_protobuf(prometheus_protobuf_options options)
    : exposition_{std::make_unique<exposition>(options)} {}
prometheus_protobuf::~prometheus_protobuf() = default;
prometheus_protobuf::prometheus_protobuf(prometheus_protobuf&&) noexcept = default;
prometheus_protobuf& prometheus_protobuf::operator=(prometheus_protobuf&&) noexcept = default;

void prometheus_protobuf::render(const snapshot& from, std::string& into) {
  exposition_->render(from, into);
}

std::string prometheus_protobuf::render(const snapshot& from) {
  std::string body;
  render(from, body);
  return body;
}

}  // namespace querytap
