#include <querytap/exporters/prometheus/prometheus_registry.hpp>

#include "../../base/ascii.hpp"
#include "../../base/utf8.hpp"
#include "client_model.hpp"
#include "decimal.hpp"
#include "series_labels.hpp"
#include "text_escape.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <protozero/pbf_writer.hpp>
#include <protozero/varint.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <utility>
#include <vector>

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

family_type client_type_of(MetricType type) {
  switch (type) {
    case MetricType::Counter: return family_type::counter;
    case MetricType::Gauge: return family_type::gauge;
    case MetricType::Summary: return family_type::summary;
    case MetricType::Histogram: return family_type::histogram;
    default: return family_type::unknown;
  }
}

// As in OpenMetrics.
std::string_view client_family_name(const MetricFamily& family) {
  std::string_view name = family.name;
  if (family.type == MetricType::Counter && name.ends_with("_total")) {
    name.remove_suffix(std::string_view{"_total"}.size());
  }
  return name;
}

bool is_exposable_name(std::string_view name) {
  const auto is_exposable = [](char c) {
    return detail::is_ascii_alphanumeric(c) || c == '_' || c == ':';
  };
  return !name.empty() && !detail::is_ascii_digit(name.front()) &&
         std::ranges::all_of(name, is_exposable);
}

std::string exposable_label(const std::string& name, MetricType type) {
  const bool is_reserved = name.starts_with("__") ||
                           (type == MetricType::Histogram && name == "le") ||
                           (type == MetricType::Summary && name == "quantile");
  const bool is_legal = is_exposable_name(name) && name.find(':') == std::string::npos;
  return is_legal && !is_reserved ? name : prometheus_label(name);
}

// What a registry checks when a metric is made, other collectables may not.
void make_readable(MetricFamily& family) {
  family.help = valid_utf8(family.help);
  label_sets taken;
  std::vector<series_labels> all;
  for (ClientMetric& metric : family.metric) {
    label_list labels;
    for (const ClientMetric::Label& label : metric.label) {
      labels.emplace_back(exposable_label(label.name, family.type), valid_utf8(label.value));
    }
    all.push_back(taken.take_labels(std::move(labels)));
    metric.label.clear();
    for (const auto& [name, value] : all.back().labels) metric.label.push_back({name, value});
  }
}

/// One family of prometheus-cpp as OpenMetrics.
class open_metrics_family {
 public:
  open_metrics_family(const MetricFamily& family, std::string& body)
      : family_{family}, body_{body} {}

  void write() {
    name_ = client_family_name(family_);
    fmt::format_to(std::back_inserter(body_), "# TYPE {} {}\n# HELP {} {}\n", name_, type(), name_,
                   escaped_text(family_.help, true));
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
      set += fmt::format("{}=\"{}\"", label.name, escaped_text(label.value, true));
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
    pair.add_string(2, label.value);
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
  message.add_string(2, family.help);
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

void prometheus_registry::append(scrape_format format, const family_filter& accepts,
                                 std::string& body) {
  const std::shared_ptr<prometheus::Collectable> registry = registry_.lock();
  if (registry == nullptr) return;
  for (prometheus::MetricFamily& family : registry->Collect()) {
    const bool is_exposable = !family.metric.empty() && detail::is_exposable_name(family.name);
    if (!is_exposable ||
        !accepts(detail::client_family_name(family), detail::client_type_of(family.type)))
      continue;
    detail::make_readable(family);
    switch (format) {
      case scrape_format::text: body += prometheus::TextSerializer{}.Serialize({family}); break;
      case scrape_format::open_metrics: detail::open_metrics_family{family, body}.write(); break;
      case scrape_format::protobuf: detail::append_client_protobuf(family, body); break;
    }
  }
}

}  // namespace querytap
