#include "query.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace ops {
namespace {

using querytap::instrument;
using querytap::instrument_kind;

constexpr std::string_view step = "$__rate_interval";

struct variable_of_key {
  std::string_view key;
  std::string_view variable;
};

constexpr auto variables = std::to_array<variable_of_key>({
    {"db.system.name", "system"},
    {"db.query.summary", "statement"},
    {"db.client.connection.pool.name", "pool"},
    {"querytap.request.name", "request"},
    {"gen_ai.request.model", "model"},
});

bool contains(const keys& all, std::string_view key) {
  return std::ranges::find(all, key) != all.end();
}

bool has_key(const instrument& measured, std::string_view key) {
  return std::ranges::find(measured.attributes, key) != measured.attributes.end();
}

/// Prometheus' own labels, and those that an option or the resource adds.
bool is_of_scrape(std::string_view key) {
  constexpr std::array<std::string_view, 5> all{"job", "instance", "querytap.statement",
                                                "service.name", "service.version"};
  return std::ranges::find(all, key) != all.end();
}

void require_key(const instrument& measured, std::string_view key) {
  if (is_of_scrape(key) || has_key(measured, key)) return;
  throw std::logic_error{fmt::format("{} has no attribute {}", measured.name, key)};
}

void require_kind(const series& selected, instrument_kind kind) {
  if (selected.measured().kind == kind) return;
  throw std::logic_error{fmt::format("{} is of another kind", selected.measured().name)};
}

/// A text of PromQL and the rules whose results it reads.
struct piece {
  std::string text = {};
  std::vector<recorded_rule> rules = {};
};

void add(std::vector<recorded_rule>& all, const std::vector<recorded_rule>& more) {
  for (const recorded_rule& rule : more) {
    const auto has_name = [&](const recorded_rule& other) { return other.name == rule.name; };
    if (std::ranges::none_of(all, has_name)) all.push_back(rule);
  }
}

/// `sum by (a, b) (…)`.
piece aggregated(std::string_view operation, const keys& by, const piece& inner,
                 std::string_view first_label = {}) {
  std::vector<std::string> labels;
  if (!first_label.empty()) labels.emplace_back(first_label);
  for (const std::string_view key : by) labels.push_back(label_of(key));
  if (labels.empty()) return {fmt::format("{} ({})", operation, inner.text), inner.rules};
  return {fmt::format("{} by ({}) ({})", operation, fmt::join(labels, ", "), inner.text),
          inner.rules};
}

/// Raw series and those of a rule, of which `$source` leaves one kind. By process there are raw ones only.
///
/// over_time   of raw series, `rate`; empty: as they are
/// averaged    of recorded ones, over the same window
struct reading {
  std::string_view over_time = {};
  std::string_view averaged = {};
  std::string_view window = {};
  std::string_view joined = "sum";  ///< how the rule joins the processes
};

std::string applied(std::string_view function, const std::string& selector,
                    std::string_view window) {
  return function.empty() ? selector : fmt::format("{}({}[{}])", function, selector, window);
}

piece read(const series& selected, std::string_view suffix, const keys& by, const reading& how) {
  const std::string name = querytap::prometheus_name(selected.measured()) + std::string{suffix};
  const std::string labels = selected.matchers();
  const bool is_joined = !contains(by, "instance");
  std::string raw = applied(
      how.over_time,
      fmt::format("{}{{{}{}}}", name, labels, is_joined ? R"(, job!~"$source")" : ""), how.window);
  if (!is_joined) return {raw};
  if (selected.is_of_server()) raw = fmt::format("max without (instance) ({})", raw);
  const std::string_view joined = selected.is_of_server() ? "max" : how.joined;
  const std::string record =
      fmt::format("job:{}:{}{}", name, joined, how.over_time.empty() ? "" : "_rate5m");
  const recorded_rule rule{record, fmt::format("{} without (instance) ({})", joined,
                                               applied(how.over_time, name, "5m"))};
  return {
      fmt::format("{} or {}", raw,
                  applied(how.averaged, fmt::format(R"({}{{{}, job=~"$source"}})", record, labels),
                          how.window)),
      {rule}};
}

piece rates(const series& selected, std::string_view suffix, const keys& by,
            std::string_view window) {
  return read(selected, suffix, by, {"rate", "avg_over_time", window});
}

/// Of native histograms, whose average over time Prometheus 2 cannot form.
piece native_rates(const series& selected, const keys& by, std::string_view window) {
  return read(selected, {}, by, {"rate", {}, window});
}

/// `functions` of a native histogram, and on a line of its own: `$histograms` makes a comment of it for servers
/// that do not know the functions.
piece classic_or_native(const piece& classic, const piece& native, std::string_view functions) {
  piece all{fmt::format("({}\n${{histograms}} {}\n)", classic.text,
                        fmt::format(fmt::runtime(functions), native.text)),
            classic.rules};
  add(all.rules, native.rules);
  return all;
}

piece part_of_histogram(const series& selected, std::string_view part, const keys& by,
                        std::string_view window) {
  return classic_or_native(
      aggregated("sum", by, rates(selected, fmt::format("_{}", part), by, window)),
      aggregated("sum", by, native_rates(selected, by, window)),
      fmt::format("histogram_{}({{}})", part));
}

query queried(const series& selected, const keys& by, piece made, std::string unit) {
  for (const std::string_view key : by) require_key(selected.measured(), key);
  return {std::move(made.text), std::move(unit), {&selected.measured()}, std::move(made.rules)};
}

query gauge(std::string_view operation, const series& selected, const keys& by) {
  const std::string_view joined = selected.is_of_server() ? "max" : operation;
  return queried(selected, by,
                 aggregated(operation, by, read(selected, {}, by, {.joined = joined})),
                 unit_of(selected.measured()));
}

query both(std::string text, std::string unit, const query& first, const query& second) {
  query made{std::move(text), std::move(unit), first.reads, first.rules};
  for (const instrument* read : second.reads) {
    if (std::ranges::find(made.reads, read) == made.reads.end()) made.reads.push_back(read);
  }
  add(made.rules, second.rules);
  return made;
}

}  // namespace

std::string label_of(std::string_view key) { return querytap::prometheus_label(key); }

series series::where(std::string_view key, std::string_view matcher) const {
  require_key(*measured_, key);
  series narrower = *this;
  narrower.matchers_.emplace_back(key, std::string{matcher});
  return narrower;
}

series series::with_bound(std::string_view bound) const {
  series narrower = *this;
  narrower.matchers_.emplace_back("le", fmt::format(R"(=~"{0}|{0}\\.0")", bound));
  return narrower;
}

series series::of_server() const {
  series joined = *this;
  joined.is_of_server_ = true;
  return joined;
}

std::string series::matchers() const {
  std::string text = R"(job=~"$service", instance=~"$instance")";
  for (const auto& [key, variable] : variables) {
    if (has_key(*measured_, key)) text += fmt::format(R"(, {}=~"${}")", label_of(key), variable);
  }
  for (const auto& [key, matcher] : matchers_) {
    text += fmt::format(", {}{}", key == "le" ? "le" : label_of(key), matcher);
  }
  return text;
}

query rate(const series& selected, const keys& by, std::string_view window) {
  if (selected.measured().kind == instrument_kind::histogram) {
    return queried(selected, by, part_of_histogram(selected, "count", by, window), "ops");
  }
  require_kind(selected, instrument_kind::counter);
  return queried(selected, by, aggregated("sum", by, rates(selected, {}, by, window)),
                 unit_of_rate(selected.measured()));
}

query rate_within(std::string_view bound, const series& selected, const keys& by,
                  std::string_view window) {
  require_kind(selected, instrument_kind::histogram);
  return queried(
      selected, by,
      classic_or_native(
          aggregated("sum", by, rates(selected.with_bound(bound), "_bucket", by, window)),
          aggregated("sum", by, native_rates(selected, by, window)),
          fmt::format("histogram_fraction(0, {}, {{0}}) * histogram_count({{0}})", bound)),
      "ops");
}

query sum_rate(const series& selected, const keys& by) {
  require_kind(selected, instrument_kind::histogram);
  return queried(selected, by, part_of_histogram(selected, "sum", by, step),
                 unit_of_rate(selected.measured()));
}

query mean(const series& selected, const keys& by) {
  return with_unit(share(sum_rate(selected, by), rate(selected, by)), unit_of(selected.measured()));
}

query quantile(double q, const series& selected, const keys& by) {
  require_kind(selected, instrument_kind::histogram);
  const piece native = aggregated("sum", by, native_rates(selected, by, step));
  const piece classic = aggregated("sum", by, rates(selected, "_bucket", by, step), "le");
  piece all{fmt::format("histogram_quantile({0}, {1})\nor\nhistogram_quantile({0}, {2})", q,
                        native.text, classic.text),
            native.rules};
  add(all.rules, classic.rules);
  return queried(selected, by, std::move(all), unit_of(selected.measured()));
}

query buckets(const series& selected) {
  require_kind(selected, instrument_kind::histogram);
  const piece classic = aggregated("sum", {}, rates(selected, "_bucket", {}, step), "le");
  const piece native = aggregated("sum", {}, native_rates(selected, {}, step));
  piece all{fmt::format("{}\nor\n{}", classic.text, native.text), classic.rules};
  add(all.rules, native.rules);
  return queried(selected, {}, std::move(all), unit_of(selected.measured()));
}

query sum(const series& selected, const keys& by) { return gauge("sum", selected, by); }
query highest(const series& selected, const keys& by) { return gauge("max", selected, by); }
query lowest(const series& selected, const keys& by) { return gauge("min", selected, by); }

query share(const query& part, const query& whole) {
  return both(fmt::format("({})\n/\n({})", part.text, whole.text), "percentunit", part, whole);
}

query or_zero(const query& part, const query& whole) {
  return both(fmt::format("({})\nor\n0 * ({})", part.text, whole.text), part.unit, part, whole);
}

query total_of(const query& one_part, const query& other_part) {
  return both(fmt::format("({})\n+\n({})", one_part.text, other_part.text), one_part.unit, one_part,
              other_part);
}

query top(int count, const query& ranked) {
  return wrapped(fmt::format("topk({}, ", count), ranked, ")");
}

query times(const query& scaled, std::string_view factor) {
  return wrapped("(", scaled, fmt::format(") * {}", factor));
}

query wrapped(std::string_view before, const query& inner, std::string_view behind) {
  query made = inner;
  made.text = fmt::format("{}{}{}", before, inner.text, behind);
  return made;
}

query with_unit(query changed, std::string_view unit) {
  changed.unit = unit;
  return changed;
}

std::string unit_of(const instrument& measured) {
  constexpr auto units =
      std::to_array<std::pair<std::string_view, std::string_view>>({{"s", "s"},
                                                                    {"ms", "ms"},
                                                                    {"us", "µs"},
                                                                    {"By", "bytes"},
                                                                    {"1", "percentunit"},
                                                                    {"{USD}", "currencyUSD"},
                                                                    {"Cel", "celsius"},
                                                                    {"Hz", "hertz"},
                                                                    {"W", "watt"},
                                                                    {"J", "joule"},
                                                                    {"{command}/s", "ops"}});
  for (const auto& [unit, name] : units) {
    if (measured.unit == unit) return std::string{name};
  }
  return "short";
}

std::string unit_of_rate(const instrument& measured) {
  if (measured.unit == "By") return "Bps";
  if (measured.unit == "s" || measured.unit == "us" || measured.unit == "ms") return "short";
  if (measured.unit == "{USD}") return "currencyUSD";
  return "ops";
}

std::string legend_of(const keys& by) {
  std::vector<std::string> parts;
  for (const std::string_view key : by) parts.push_back(fmt::format("{{{{{}}}}}", label_of(key)));
  return fmt::format("{}", fmt::join(parts, " "));
}

}  // namespace ops
