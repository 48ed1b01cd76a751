#include "text_exposition.hpp"

#include "decimal.hpp"
#include "text_escape.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace querytap::detail {
namespace {

std::string_view type_name_of(instrument_kind kind) {
  switch (kind) {
    case instrument_kind::counter: return "counter";
    case instrument_kind::histogram: return "histogram";
    case instrument_kind::up_down_counter:
    case instrument_kind::gauge: return "gauge";
  }
  return "untyped";
}

std::string label_text(const attributes& labels) {
  std::string text;
  for (const auto& [name, value] : prometheus_labels(labels)) {
    if (!text.empty()) text += ',';
    text += fmt::format("{}=\"{}\"", name, escaped_text(value, true));
  }
  return text;
}

char* write_name_and_labels(char* out, const block_text& name, const block_text& labels) {
  out = name.copy_to(out);
  if (!labels.empty()) {
    *out++ = '{';
    out = labels.copy_to(out);
    *out++ = '}';
  }
  *out++ = ' ';
  return out;
}

constexpr std::size_t text_line_overhead = 4 + most_digits;  // braces, blank, number and line end
constexpr std::size_t most_exemplar_text = 80 + 32 + 16 + 2 * most_digits;

// ` # {trace_id="…",span_id="…"} 0.25 1700000000.123`
char* write_exemplar_text(char* out, const exemplar& exemplar, double recorded_per_unit) {
  out = fmt::format_to(out, " # {{trace_id=\"{}\",span_id=\"{}\"}} ", trace_id_text(exemplar.trace),
                       span_id_text(exemplar.trace));
  out = write_in_unit(out, exemplar.value, recorded_per_unit);
  *out++ = ' ';
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::nanoseconds>(exemplar.time.time_since_epoch());
  return write_in_unit(out, std::int64_t{since_epoch.count()}, 1e9);
}

}  // namespace

void text_exposition::render(const snapshot& snapshot, std::string& body) {
  const std::string info = info_of(snapshot.resource);
  constexpr std::string_view end = "# EOF\n";
  std::size_t expected = info.size() + end.size() + block_text::slack;
  std::vector<const cached_family*> families;
  for (const auto& metric : snapshot.metrics) {
    const cached_family& family = follow(*metric);
    families.push_back(&family);
    expected += family.most_bytes;
  }
  scrape_buffer out{body, expected};
  out.append(info);
  absl::flat_hash_set<std::string_view> names;
  for (std::size_t i = 0; i < families.size(); ++i) {
    // A name has one family: if two instruments get the same name, the first is rendered.
    if (!names.insert(families[i]->name).second) continue;
    render_family(*families[i], *snapshot.metrics[i], out);
  }
  if (dialect_ == text_dialect::open_metrics) out.append(end);
  families_.evict_unused();
}

std::string text_exposition::info_of(const attributes& resource) const {
  if (resource.empty()) return {};
  const std::string sample = fmt::format("target_info{{{}}} 1\n", label_text(resource));
  if (dialect_ == text_dialect::open_metrics) {
    return fmt::format("# TYPE target info\n# HELP target {}\n{}", target_info_help, sample);
  }
  return fmt::format("# HELP target_info {}\n# TYPE target_info gauge\n{}", target_info_help,
                     sample);
}

text_exposition::cached_family& text_exposition::follow(const metric& metric) {
  cached_family& family =
      families_.find_or_make(*metric.instrument, [&] { return make_family(*metric.instrument); });
  const bool has_changed =
      family.plan.follow(metric, [&](const point& first) { return prepare(family, first); });
  if (!has_changed) return family;
  family.most_bytes = family.header.size();
  family.plan.for_each(metric, [&](const prepared_series& series, point_range) {
    family.most_bytes += series.most_bytes;
  });
  return family;
}

text_exposition::cached_family text_exposition::make_family(const instrument& instrument) const {
  const std::string sample = prometheus_name(instrument);
  const bool open_metrics = dialect_ == text_dialect::open_metrics;
  cached_family made;
  made.name = open_metrics ? open_metrics_name(instrument) : sample;
  const std::string help = escaped_text(instrument.description, open_metrics);
  const std::string unit = open_metrics ? open_metrics_unit(instrument) : std::string{};
  const std::string type =
      fmt::format("# TYPE {} {}\n", made.name, type_name_of(instrument.kind)) +
      (unit.empty() ? std::string{} : fmt::format("# UNIT {} {}\n", made.name, unit));
  const std::string help_line = fmt::format("# HELP {} {}\n", made.name, help);
  made.header = open_metrics ? type + help_line : help_line + type;
  made.value = block_text{sample};
  made.bucket = block_text{sample + "_bucket{"};
  made.sum = block_text{sample + "_sum"};
  made.count = block_text{sample + "_count"};
  made.recorded_per_unit = instrument.recorded_per_unit();
  return made;
}

text_exposition::prepared_series text_exposition::prepare(cached_family& family,
                                                          const point& first) const {
  prepared_series made{block_text{label_text(first.series->labels)}, nullptr, 0};
  const std::size_t line = family.bucket.size() + made.labels.size() + text_line_overhead;
  made.most_bytes = line;
  if (first.histogram == nullptr) return made;
  const auto bounds = first.histogram->layout().bounds();
  if (family.ends == nullptr || !std::ranges::equal(family.ends->bounds, bounds)) {
    family.ends = make_ends(bounds);
  }
  made.ends = family.ends;
  made.most_bytes = (made.ends->alone.size() + 2) * line + made.ends->bytes;
  return made;
}

std::shared_ptr<const text_exposition::bucket_ends> text_exposition::make_ends(
    std::span<const double> bounds) const {
  auto made = std::make_shared<bucket_ends>();
  made->bounds.assign(bounds.begin(), bounds.end());
  for (std::size_t i = 0; i <= bounds.size(); ++i) {
    const std::string bound = i == bounds.size() ? "+Inf"
                              : dialect_ == text_dialect::open_metrics
                                  ? canonical_number(bounds[i])
                                  : fmt::format("{}", bounds[i]);
    const std::string end = fmt::format(",le=\"{}\"}} ", bound);
    made->after_labels.emplace_back(end);
    made->alone.emplace_back(std::string_view{end}.substr(1));
    made->bytes += end.size();
  }
  return made;
}

void text_exposition::render_family(const cached_family& family, const metric& metric,
                                    scrape_buffer& out) {
  out.append(family.header);
  family.plan.for_each(metric, [&](const prepared_series& series, point_range points) {
    if (series.ends != nullptr) {
      if (dialect_ == text_dialect::open_metrics) exemplars_.choose(points);
      char* at = out.room_for(series.most_bytes + exemplars_.size() * most_exemplar_text);
      out.end_at(render_histogram(family, series, points, at));
      return;
    }
    char* at = write_name_and_labels(out.room_for(series.most_bytes), family.value, series.labels);
    at = write_in_unit(at, points.number(), family.recorded_per_unit);
    *at++ = '\n';
    out.end_at(at);
  });
}

char* text_exposition::render_histogram(const cached_family& family, const prepared_series& series,
                                        point_range points, char* out) {
  const auto& ends = series.labels.empty() ? series.ends->alone : series.ends->after_labels;
  counts_.add_up(points);
  const std::span<const std::uint64_t> cumulative = counts_.cumulative();
  const bool with_exemplars = exemplars_.size() != 0;
  for (std::size_t i = 0; i < cumulative.size(); ++i) {
    out = family.bucket.copy_to(out);
    out = series.labels.copy_to(out);
    out = ends[i].copy_to(out);
    out = write_decimal(out, cumulative[i]);
    if (with_exemplars && exemplars_.in_bucket(i) != nullptr) {
      out = write_exemplar_text(out, *exemplars_.in_bucket(i), family.recorded_per_unit);
    }
    *out++ = '\n';
  }
  out = write_name_and_labels(out, family.sum, series.labels);
  out = write_in_unit(out, counts_.sum(), family.recorded_per_unit);
  *out++ = '\n';
  out = write_name_and_labels(out, family.count, series.labels);
  out = write_decimal(out, counts_.count());
  *out++ = '\n';
  return out;
}

}  // namespace querytap::detail
