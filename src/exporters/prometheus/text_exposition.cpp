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

std::string_view type_of(instrument_kind kind) {
  switch (kind) {
    case instrument_kind::counter: return "counter";
    case instrument_kind::histogram: return "histogram";
    case instrument_kind::up_down_counter:
    case instrument_kind::gauge: return "gauge";
  }
  return "untyped";
}

std::string labels_of(const attributes& where) {
  std::string labels;
  for (const auto& [name, value] : prometheus_labels(where)) {
    if (!labels.empty()) labels += ',';
    labels += fmt::format("{}=\"{}\"", name, escaped_text(value, true));
  }
  return labels;
}

char* write_name_and_labels(char* to, const block_text& name, const block_text& labels) {
  to = name.copy_to(to);
  if (!labels.empty()) {
    *to++ = '{';
    to = labels.copy_to(to);
    *to++ = '}';
  }
  *to++ = ' ';
  return to;
}

constexpr std::size_t line_overhead = 4 + most_digits;  // braces, blank, number and line end
constexpr std::size_t most_exemplar_bytes = 80 + 32 + 16 + 2 * most_digits;

// ` # {trace_id="…",span_id="…"} 0.25 1700000000.123`
char* write_exemplar(char* to, const exemplar& one, double recorded_per_unit) {
  using namespace std::chrono;
  to = fmt::format_to(to, " # {{trace_id=\"{}\",span_id=\"{}\"}} ", trace_id_text(one.trace),
                      span_id_text(one.trace));
  to = write_in_unit(to, one.value, recorded_per_unit);
  *to++ = ' ';
  const auto since_epoch = duration_cast<nanoseconds>(one.time.time_since_epoch());
  return write_in_unit(to, std::int64_t{since_epoch.count()}, 1e9);
}

}  // namespace

void text_exposition::render(const snapshot& from, std::string& into) {
  const std::string info = info_of(from.resource);
  constexpr std::string_view end = "# EOF\n";
  std::size_t expected = info.size() + end.size() + block_text::slack;
  std::vector<const family*> families;
  for (const auto& one : from.metrics) {
    const family& to = follow(*one);
    families.push_back(&to);
    expected += to.most_bytes;
  }
  scrape_buffer out{into, expected};
  out.append(info);
  absl::flat_hash_set<std::string_view> names;
  for (std::size_t i = 0; i < families.size(); ++i) {
    // A family stands once: of two instruments whose names become the same, the first.
    if (names.insert(families[i]->name).second) render_family(*families[i], *from.metrics[i], out);
  }
  if (dialect_ == text_dialect::open_metrics) out.append(end);
  families_.forget_unused();
}

std::string text_exposition::info_of(const attributes& resource) const {
  if (resource.empty()) return {};
  const std::string sample = fmt::format("target_info{{{}}} 1\n", labels_of(resource));
  if (dialect_ == text_dialect::open_metrics) {
    return fmt::format("# TYPE target info\n# HELP target {}\n{}", target_info_help, sample);
  }
  return fmt::format("# HELP target_info {}\n# TYPE target_info gauge\n{}", target_info_help,
                     sample);
}

text_exposition::family& text_exposition::follow(const metric& to) {
  family& in = families_.of(*to.instrument, [&] { return make_family(*to.instrument); });
  if (!in.plan.follow(to, [&](const point& first) { return prepare(in, first); })) return in;
  in.most_bytes = in.header.size();
  in.plan.for_each(to,
                   [&](const prepared_series& of, point_range) { in.most_bytes += of.most_bytes; });
  return in;
}

text_exposition::family text_exposition::make_family(const instrument& what) const {
  const std::string sample = prometheus_name(what);
  const bool open_metrics = dialect_ == text_dialect::open_metrics;
  family made;
  made.name = open_metrics ? open_metrics_name(what) : sample;
  const std::string help = escaped_text(what.description, open_metrics);
  const std::string unit = open_metrics ? open_metrics_unit(what) : std::string{};
  const std::string type =
      fmt::format("# TYPE {} {}\n", made.name, type_of(what.kind)) +
      (unit.empty() ? std::string{} : fmt::format("# UNIT {} {}\n", made.name, unit));
  const std::string help_line = fmt::format("# HELP {} {}\n", made.name, help);
  made.header = open_metrics ? type + help_line : help_line + type;
  made.value = block_text{sample};
  made.bucket = block_text{sample + "_bucket{"};
  made.sum = block_text{sample + "_sum"};
  made.count = block_text{sample + "_count"};
  made.recorded_per_unit = what.recorded_per_unit();
  return made;
}

text_exposition::prepared_series text_exposition::prepare(family& in, const point& first) const {
  prepared_series made{block_text{labels_of(first.series->labels)}, nullptr, 0};
  const std::size_t line = in.bucket.size() + made.labels.size() + line_overhead;
  made.most_bytes = line;
  if (first.histogram == nullptr) return made;
  const auto bounds = first.histogram->layout().bounds();
  if (in.ends == nullptr || !std::ranges::equal(in.ends->bounds, bounds)) {
    in.ends = make_ends(bounds);
  }
  made.ends = in.ends;
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

void text_exposition::render_family(const family& in, const metric& from, scrape_buffer& to) {
  to.append(in.header);
  in.plan.for_each(from, [&](const prepared_series& of, point_range points) {
    if (of.ends != nullptr) {
      if (dialect_ == text_dialect::open_metrics) exemplars_.choose(points);
      char* at = to.room_for(of.most_bytes + exemplars_.size() * most_exemplar_bytes);
      to.end_at(render_histogram(in, of, points, at));
      return;
    }
    char* at = write_name_and_labels(to.room_for(of.most_bytes), in.value, of.labels);
    at = write_in_unit(at, points.number(), in.recorded_per_unit);
    *at++ = '\n';
    to.end_at(at);
  });
}

char* text_exposition::render_histogram(const family& in, const prepared_series& of,
                                        point_range points, char* at) {
  const auto& ends = of.labels.empty() ? of.ends->alone : of.ends->after_labels;
  counts_.add_up(points);
  const std::span<const std::uint64_t> cumulative = counts_.cumulative();
  const bool with_exemplars = exemplars_.size() != 0;
  for (std::size_t i = 0; i < cumulative.size(); ++i) {
    at = in.bucket.copy_to(at);
    at = of.labels.copy_to(at);
    at = ends[i].copy_to(at);
    at = write_decimal(at, cumulative[i]);
    if (with_exemplars && exemplars_.of(i) != nullptr) {
      at = write_exemplar(at, *exemplars_.of(i), in.recorded_per_unit);
    }
    *at++ = '\n';
  }
  at = write_name_and_labels(at, in.sum, of.labels);
  at = write_in_unit(at, counts_.sum(), in.recorded_per_unit);
  *at++ = '\n';
  at = write_name_and_labels(at, in.count, of.labels);
  at = write_decimal(at, counts_.count());
  *at++ = '\n';
  return at;
}

}  // namespace querytap::detail
