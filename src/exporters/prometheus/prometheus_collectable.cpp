#include <querytap/exporters/prometheus/prometheus_collectable.hpp>

#include "../../base/utf8.hpp"
#include "family_names.hpp"
#include "series_labels.hpp"

#include <limits>

namespace querytap {
namespace {

prometheus::MetricType family_type_of(instrument_kind kind) {
  switch (kind) {
    case instrument_kind::counter: return prometheus::MetricType::Counter;
    case instrument_kind::histogram: return prometheus::MetricType::Histogram;
    case instrument_kind::up_down_counter:
    case instrument_kind::info:
    case instrument_kind::gauge: return prometheus::MetricType::Gauge;
  }
  return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric::Histogram client_histogram_of(const histogram_data& data) {
  prometheus::ClientMetric::Histogram result;
  result.sample_count = data.count();
  result.sample_sum = data.to_unit(data.sum());
  const auto bounds = data.layout().bounds();
  const std::vector<std::uint64_t> counts = data.explicit_counts();
  std::uint64_t below = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    below += counts[i];
    const bool last = i == bounds.size();
    result.bucket.push_back({below, last ? std::numeric_limits<double>::infinity() : bounds[i]});
  }
  return result;
}

prometheus::ClientMetric client_metric_of(const point& p, const detail::series_labels& own) {
  prometheus::ClientMetric metric;
  for (const auto& [name, value] : own.labels) metric.label.push_back({name, value});
  const double number =
      static_cast<double>(p.number) / detail::exported_number_divisor(*p.series->instrument);
  switch (p.series->instrument->kind) {
    case instrument_kind::histogram: metric.histogram = client_histogram_of(*p.histogram); break;
    case instrument_kind::counter: metric.counter.value = number; break;
    case instrument_kind::up_down_counter:
    case instrument_kind::info:
    case instrument_kind::gauge: metric.gauge.value = number; break;
  }
  return metric;
}

}  // namespace

std::vector<prometheus::MetricFamily> prometheus_collectable::Collect() const {
  return to_metric_families(collect_());
}

std::vector<prometheus::MetricFamily> to_metric_families(const snapshot& snapshot) {
  std::vector<prometheus::MetricFamily> families;
  detail::family_names names;
  std::vector<detail::family_name> own_names;  // each is taken as long as it is in here
  for (const auto& metric : snapshot.metrics) {
    prometheus::MetricFamily& family = families.emplace_back();
    family.name = own_names.emplace_back(names.take(*metric->instrument)).sample;
    family.help = detail::valid_utf8(metric->instrument->description);
    family.type = family_type_of(metric->instrument->kind);
    detail::label_sets labels;
    std::vector<detail::series_labels> own_labels;
    for (const point& p : merge_statements(metric->points)) {
      own_labels.push_back(labels.take(p.series->labels));
      family.metric.push_back(client_metric_of(p, own_labels.back()));
    }
  }
  return families;
}

}  // namespace querytap
