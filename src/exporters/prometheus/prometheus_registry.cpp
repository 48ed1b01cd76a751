#include <querytap/exporters/prometheus/prometheus_registry.hpp>

#include "../../base/utf8.hpp"
#include "client_model.hpp"
#include "decimal.hpp"
#include "text_escape.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

#include <fmt/format.h>

#include <cmath>
#include <iterator>

namespace querytap {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using labels = std::vector<ClientMetric::Label>;

// Any value as a number of OpenMetrics.
std::string number(double value) {
  if (std::isnan(value)) return "NaN";
  return std::isinf(value) ? detail::canonical_number(value) : fmt::format("{}", value);
}

/// One family of prometheus-cpp as OpenMetrics.
class open_metrics_family {
 public:
  open_metrics_family(const MetricFamily& family, std::string& to) : family_{family}, to_{to} {}

  void write() {
    std::string_view name = family_.name;
    if (family_.type == MetricType::Counter && name.ends_with("_total")) {
      name.remove_suffix(std::string_view{"_total"}.size());
    }
    name_ = name;
    fmt::format_to(std::back_inserter(to_), "# TYPE {} {}\n# HELP {} {}\n", name_, type(), name_,
                   detail::escaped_text(detail::valid_utf8(family_.help), true));
    for (const ClientMetric& metric : family_.metric) write_metric(metric);
  }

 private:
  [[nodiscard]] std::string_view type() const {
    switch (family_.type) {
      case MetricType::Counter: return "counter";
      case MetricType::Gauge: return "gauge";
      case MetricType::Summary: return "summary";
      case MetricType::Histogram: return "histogram";
      default: return "unknown";
    }
  }

  void write_metric(const ClientMetric& metric) {
    switch (family_.type) {
      case MetricType::Counter: return line("_total", metric.label, "", metric.counter.value);
      case MetricType::Gauge: return line("", metric.label, "", metric.gauge.value);
      case MetricType::Histogram: return write_histogram(metric);
      case MetricType::Summary: return write_summary(metric);
      default: return line("", metric.label, "", metric.untyped.value);
    }
  }

  void write_histogram(const ClientMetric& metric) {
    for (const ClientMetric::Bucket& bucket : metric.histogram.bucket) {
      line("_bucket", metric.label,
           fmt::format("le=\"{}\"", detail::canonical_number(bucket.upper_bound)),
           static_cast<double>(bucket.cumulative_count));
    }
    line("_sum", metric.label, "", metric.histogram.sample_sum);
    line("_count", metric.label, "", static_cast<double>(metric.histogram.sample_count));
  }

  void write_summary(const ClientMetric& metric) {
    for (const ClientMetric::Quantile& one : metric.summary.quantile) {
      line("", metric.label, fmt::format("quantile=\"{}\"", detail::canonical_number(one.quantile)),
           one.value);
    }
    line("_sum", metric.label, "", metric.summary.sample_sum);
    line("_count", metric.label, "", static_cast<double>(metric.summary.sample_count));
  }

  void line(std::string_view suffix, const labels& where, const std::string& last_label,
            double value) {
    std::string set;
    for (const ClientMetric::Label& one : where) {
      if (!set.empty()) set += ',';
      set += fmt::format("{}=\"{}\"", one.name,
                         detail::escaped_text(detail::valid_utf8(one.value), true));
    }
    if (!set.empty() && !last_label.empty()) set += ',';
    set += last_label;
    to_ += name_;
    to_ += suffix;
    if (!set.empty()) to_ += '{' + set + '}';
    to_ += ' ' + number(value) + '\n';
  }

  const MetricFamily& family_;
  std::string& to_;
  std::string_view name_;
};

void write_metric(protozero::pbf_writer& to, const ClientMetric& metric, MetricType type) {
  namespace fields = detail::client_model::metric_field;
  for (const ClientMetric::Label& one : metric.label) {
    protozero::pbf_writer label{to, fields::label};
    label.add_string(1, one.name);
    label.add_string(2, detail::valid_utf8(one.value));
  }
  const auto add_value = [&](protozero::pbf_tag_type field, double value) {
    protozero::pbf_writer message{to, field};
    message.add_double(1, value);
  };
  switch (type) {
    case MetricType::Counter: return add_value(fields::counter, metric.counter.value);
    case MetricType::Gauge: return add_value(fields::gauge, metric.gauge.value);
    case MetricType::Histogram: {
      protozero::pbf_writer histogram{to, fields::histogram};
      histogram.add_uint64(1, metric.histogram.sample_count);
      histogram.add_double(2, metric.histogram.sample_sum);
      for (const ClientMetric::Bucket& one : metric.histogram.bucket) {
        protozero::pbf_writer bucket{histogram, 3};
        bucket.add_uint64(1, one.cumulative_count);
        bucket.add_double(2, one.upper_bound);
      }
      return;
    }
    case MetricType::Summary: {
      protozero::pbf_writer summary{to, fields::summary};
      summary.add_uint64(1, metric.summary.sample_count);
      summary.add_double(2, metric.summary.sample_sum);
      for (const ClientMetric::Quantile& one : metric.summary.quantile) {
        protozero::pbf_writer quantile{summary, 3};
        quantile.add_double(1, one.quantile);
        quantile.add_double(2, one.value);
      }
      return;
    }
    default: return add_value(fields::untyped, metric.untyped.value);
  }
}

std::int32_t type_number(MetricType type) {
  switch (type) {
    case MetricType::Counter: return 0;
    case MetricType::Gauge: return 1;
    case MetricType::Summary: return 2;
    case MetricType::Histogram: return 4;
    default: return 3;
  }
}

void append_protobuf(const MetricFamily& family, std::string& to) {
  std::string message;
  protozero::pbf_writer writer{message};
  writer.add_string(1, family.name);
  writer.add_string(2, detail::valid_utf8(family.help));
  writer.add_enum(3, type_number(family.type));
  for (const ClientMetric& metric : family.metric) {
    protozero::pbf_writer in{writer, detail::client_model::metric_of_family};
    write_metric(in, metric, family.type);
  }
  char length[protozero::max_varint_length];
  to.append(length, static_cast<std::size_t>(protozero::write_varint(length, message.size())));
  to += message;
}

}  // namespace

void prometheus_registry::append(scrape_format as, const name_filter& wanted, std::string& to) {
  const std::shared_ptr<prometheus::Collectable> of = of_.lock();
  if (of == nullptr) return;
  for (const MetricFamily& family : of->Collect()) {
    if (family.metric.empty() || !wanted(family.name)) continue;
    switch (as) {
      case scrape_format::text: to += prometheus::TextSerializer{}.Serialize({family}); break;
      case scrape_format::open_metrics: open_metrics_family{family, to}.write(); break;
      case scrape_format::protobuf: append_protobuf(family, to); break;
    }
  }
}

}  // namespace querytap
