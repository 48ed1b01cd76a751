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
namespace detail {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;
using client_labels = std::vector<ClientMetric::Label>;

// Any value as a number of OpenMetrics.
std::string open_metrics_number(double value) {
  if (std::isnan(value)) return "NaN";
  return std::isinf(value) ? canonical_number(value) : fmt::format("{}", value);
}

/// One family of prometheus-cpp as OpenMetrics.
class open_metrics_family {
 public:
  open_metrics_family(const MetricFamily& family, std::string& body)
      : family_{family}, body_{body} {}

  void write() {
    std::string_view name = family_.name;
    if (family_.type == MetricType::Counter && name.ends_with("_total")) {
      name.remove_suffix(std::string_view{"_total"}.size());
    }
    name_ = name;
    fmt::format_to(std::back_inserter(body_), "# TYPE {} {}\n# HELP {} {}\n", name_, type(), name_,
                   escaped_text(valid_utf8(family_.help), true));
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
      case MetricType::Counter: return write_line("_total", metric.label, "", metric.counter.value);
      case MetricType::Gauge: return write_line("", metric.label, "", metric.gauge.value);
      case MetricType::Histogram: return write_histogram(metric);
      case MetricType::Summary: return write_summary(metric);
      default: return write_line("", metric.label, "", metric.untyped.value);
    }
  }

  void write_histogram(const ClientMetric& metric) {
    for (const ClientMetric::Bucket& bucket : metric.histogram.bucket) {
      write_line("_bucket", metric.label,
                 fmt::format("le=\"{}\"", canonical_number(bucket.upper_bound)),
                 static_cast<double>(bucket.cumulative_count));
    }
    write_totals(metric.label, metric.histogram);
  }

  void write_summary(const ClientMetric& metric) {
    for (const ClientMetric::Quantile& quantile : metric.summary.quantile) {
      write_line("", metric.label,
                 fmt::format("quantile=\"{}\"", canonical_number(quantile.quantile)),
                 quantile.value);
    }
    write_totals(metric.label, metric.summary);
  }

  // Of a histogram or a summary.
  void write_totals(const client_labels& labels, const auto& values) {
    write_line("_sum", labels, "", values.sample_sum);
    write_line("_count", labels, "", static_cast<double>(values.sample_count));
  }

  void write_line(std::string_view suffix, const client_labels& labels,
                  const std::string& last_label, double value) {
    std::string set;
    for (const ClientMetric::Label& label : labels) {
      if (!set.empty()) set += ',';
      set += fmt::format("{}=\"{}\"", label.name, escaped_text(valid_utf8(label.value), true));
    }
    if (!set.empty() && !last_label.empty()) set += ',';
    set += last_label;
    body_ += name_;
    body_ += suffix;
    if (!set.empty()) body_ += '{' + set + '}';
    body_ += ' ' + open_metrics_number(value) + '\n';
  }

  const MetricFamily& family_;
  std::string& body_;
  std::string_view name_;
};

void write_client_value(protozero::pbf_writer& message, protozero::pbf_tag_type field,
                        double value) {
  protozero::pbf_writer number{message, field};
  number.add_double(1, value);
}

// A histogram or a summary: count, sum, and a message for each bucket or quantile.
template <class Part, class WritePart>
void write_client_distribution(protozero::pbf_writer& message, protozero::pbf_tag_type field,
                               const auto& values, const std::vector<Part>& parts,
                               WritePart write_part) {
  protozero::pbf_writer distribution{message, field};
  distribution.add_uint64(1, values.sample_count);
  distribution.add_double(2, values.sample_sum);
  for (const Part& part : parts) {
    protozero::pbf_writer part_message{distribution, 3};
    write_part(part_message, part);
  }
}

void write_client_metric(protozero::pbf_writer& message, const ClientMetric& metric,
                         MetricType type) {
  namespace fields = client_model::metric_field;
  using protozero::pbf_writer;
  for (const ClientMetric::Label& label : metric.label) {
    pbf_writer pair{message, fields::label};
    pair.add_string(1, label.name);
    pair.add_string(2, valid_utf8(label.value));
  }
  switch (type) {
    case MetricType::Counter:
      return write_client_value(message, fields::counter, metric.counter.value);
    case MetricType::Gauge: return write_client_value(message, fields::gauge, metric.gauge.value);
    case MetricType::Histogram:
      return write_client_distribution(message, fields::histogram, metric.histogram,
                                       metric.histogram.bucket,
                                       [](pbf_writer& part, const ClientMetric::Bucket& bucket) {
                                         part.add_uint64(1, bucket.cumulative_count);
                                         part.add_double(2, bucket.upper_bound);
                                       });
    case MetricType::Summary:
      return write_client_distribution(
          message, fields::summary, metric.summary, metric.summary.quantile,
          [](pbf_writer& part, const ClientMetric::Quantile& quantile) {
            part.add_double(1, quantile.quantile);
            part.add_double(2, quantile.value);
          });
    default: return write_client_value(message, fields::untyped, metric.untyped.value);
  }
}

std::int32_t client_type_code(MetricType type) {
  switch (type) {
    case MetricType::Counter: return 0;
    case MetricType::Gauge: return 1;
    case MetricType::Summary: return 2;
    case MetricType::Histogram: return 4;
    default: return 3;
  }
}

void append_client_protobuf(const MetricFamily& family, std::string& body) {
  std::string bytes;
  protozero::pbf_writer message{bytes};
  message.add_string(1, family.name);
  message.add_string(2, valid_utf8(family.help));
  message.add_enum(3, client_type_code(family.type));
  for (const ClientMetric& metric : family.metric) {
    protozero::pbf_writer metric_message{message, client_model::metric_of_family};
    write_client_metric(metric_message, metric, family.type);
  }
  char length[protozero::max_varint_length];
  body.append(length, static_cast<std::size_t>(protozero::write_varint(length, bytes.size())));
  body += bytes;
}

}  // namespace
}  // namespace detail

void prometheus_registry::append(scrape_format format, const name_filter& accepts,
                                 std::string& body) {
  const std::shared_ptr<prometheus::Collectable> registry = registry_.lock();
  if (registry == nullptr) return;
  for (const prometheus::MetricFamily& family : registry->Collect()) {
    if (family.metric.empty() || !accepts(family.name)) continue;
    switch (format) {
      case scrape_format::text: body += prometheus::TextSerializer{}.Serialize({family}); break;
      case scrape_format::open_metrics: detail::open_metrics_family{family, body}.write(); break;
      case scrape_format::protobuf: detail::append_client_protobuf(family, body); break;
    }
  }
}

}  // namespace querytap
