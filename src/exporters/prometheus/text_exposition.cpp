#include "text_exposition.hpp"

#include "../../base/utf8.hpp"
#include "decimal.hpp"
#include "text_escape.hpp"

#include <absl/container/flat_hash_set.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace querytap::detail {
namespace {

std::string_view type_name_of(instrument_kind kind, text_dialect dialect) {
  switch (kind) {
    case instrument_kind::counter: return "counter";
    case instrument_kind::histogram: return "histogram";
    case instrument_kind::info: return dialect == text_dialect::open_metrics ? "info" : "gauge";
    case instrument_kind::up_down_counter:
    case instrument_kind::gauge: return "gauge";
  }
  return "untyped";
}

std::string label_text(const std::vector<std::pair<std::string, std::string>>& labels) {
  std::string text;
  for (const auto& [name, value] : labels) {
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
  // fmt::format_to would add 70 KB to every program, of all that a format string could ask for.
  const auto write = [&](std::string_view text) { out = std::ranges::copy(text, out).out; };
  write(" # {trace_id=\"");
  write(trace_id_text(exemplar.trace));
  write("\",span_id=\"");
  write(span_id_text(exemplar.trace));
  write("\"} ");
  out = write_in_unit(out, exemplar.value, recorded_per_unit);
  *out++ = ' ';
  const auto since_epoch =
      std::chrono::duration_cast<std::chrono::nanoseconds>(exemplar.time.time_since_epoch());
  return write_in_unit(out, std::int64_t{since_epoch.count()}, 1e9);
}

}  // namespace

void text_exposition::render(const snapshot& snapshot, const family_filter& accepts,
                             std::string& body) {
  std::vector<followed_family> families = follow_all(snapshot);
  std::erase_if(families, [&](const followed_family& followed) {
    return !accepts(followed.first->name.family, followed.first->name.type);
  });
  constexpr std::string_view end = "# EOF\n";
  std::size_t expected = end.size() + output_buffer::slack;
  for (const auto& [family, metric] : families) expected += family->most_bytes;
  output_buffer out{body, expected};
  for (const auto& [family, metric] : families) render_family(*family, *metric, out);
  if (dialect_ == text_dialect::open_metrics) out.append(end);
  families_.evict_unused();
}

// All of them in each scrape, whichever of them it is to have: so each has the same name in all
// scrapes.
std::vector<text_exposition::followed_family> text_exposition::follow_all(
    const snapshot& snapshot) {
  std::vector<followed_family> families;
  absl::flat_hash_set<const instrument*> followed;
  const auto add = [&](const metric* metric) {
    if (metric == nullptr || !followed.insert(metric->instrument).second) return;
    families.emplace_back(&follow(*metric), metric);
    own_metrics_.count_renamed(*metric->instrument, families.back().first->renamed);
  };
  add(own_metrics_.resource(snapshot.resource));
  for (const auto& metric : snapshot.metrics) add(metric.get());
  add(own_metrics_.take_renamed());
  return families;
}

const text_exposition::cached_family& text_exposition::follow(const metric& metric) {
  cached_family& family =
      families_.find_or_make(*metric.instrument, [&] { return make_family(*metric.instrument); });
  const bool has_changed =
      family.plan.follow(metric, [&](const point& first) { return prepare(family, first); });
  if (!has_changed) return family;
  family.most_bytes = family.header.size();
  family.renamed = 0;
  family.plan.for_each(metric, [&](const prepared_series& series, point_range) {
    family.most_bytes += series.most_bytes;
    family.renamed += family.name.is_renamed || series.is_renamed ? 1 : 0;
  });
  return family;
}

text_exposition::cached_family text_exposition::make_family(const instrument& instrument) {
  cached_family made;
  made.name = names_.take(instrument);
  made.header = header_of(made.name, instrument);
  made.value = block_text{made.name.sample};
  made.bucket = block_text{made.name.sample + "_bucket{"};
  made.sum = block_text{made.name.sample + "_sum"};
  made.count = block_text{made.name.sample + "_count"};
  made.recorded_per_unit = exported_number_divisor(instrument);
  return made;
}

std::string text_exposition::header_of(const family_name& name,
                                       const instrument& instrument) const {
  const bool open_metrics = dialect_ == text_dialect::open_metrics;
  const std::string& header_name = open_metrics ? name.family : name.sample;
  const std::string help = escaped_text(valid_utf8(instrument.description), open_metrics);
  const std::string type =
      fmt::format("# TYPE {} {}\n", header_name, type_name_of(instrument.kind, dialect_));
  const std::string help_line = fmt::format("# HELP {} {}\n", header_name, help);
  if (!open_metrics) return help_line + type;
  const std::string unit =
      name.unit.empty() ? std::string{} : fmt::format("# UNIT {} {}\n", header_name, name.unit);
  return type + unit + help_line;
}

text_exposition::prepared_series text_exposition::prepare(cached_family& family,
                                                          const point& first) const {
  series_labels own = family.labels.take(first.series->labels);
  prepared_series made{.labels = block_text{label_text(own.labels)},
                       .is_renamed = own.is_renamed,
                       .holder = std::move(own.holder)};
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
                                    output_buffer& out) {
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
