#include "rules.hpp"

#include <fmt/format.h>

#include <cmath>

namespace ops_rules {
namespace {

/// Prometheus' own form of a string.
std::string promql_text(const std::string& text) {
  std::string result{'"'};
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    if (c == '\n') {
      result += "\\n";
    } else {
      result += c;
    }
  }
  return result + '"';
}

/// Expressions on histograms, of classic buckets and of native ones: a server that takes native histograms
/// has no `_bucket` and no `_count`, any other has nothing else.
class histogram_expressions {
 public:
  explicit histogram_expressions(store reader) : has_native_{reader == store::prometheus} {}

  /// Events a second, summed by labels.
  [[nodiscard]] std::string events(const std::string& by, const std::string& metric,
                                   const std::string& selector, const std::string& window) const {
    std::string expression =
        fmt::format("sum by ({}) (rate(<{}>_count{}[{}]))", by, metric, selector, window);
    if (has_native_) {
      expression += fmt::format("\n  or histogram_count(sum by ({}) (rate(<{}>{}[{}])))", by,
                                metric, selector, window);
    }
    return expression;
  }

  [[nodiscard]] std::string quantile(double share, const std::string& by, const std::string& metric,
                                     const std::string& selector, const std::string& window) const {
    std::string expression =
        fmt::format("histogram_quantile({}, sum by (le, {}) (rate(<{}>_bucket{}[{}])))", share, by,
                    metric, selector, window);
    if (has_native_) {
      expression += fmt::format("\n  or histogram_quantile({}, sum by ({}) (rate(<{}>{}[{}])))",
                                share, by, metric, selector, window);
    }
    return expression;
  }

  /// Events a second that took longer than `bound`; none where the bound is not exported.
  [[nodiscard]] std::string slower(std::chrono::nanoseconds bound, const std::string& metric,
                                   const std::string& labels, const std::string& window) const {
    std::string expression = fmt::format(
        "sum by (job) (rate(<{0}>_count{{{1}}}[{2}]))\n"
        "  - sum by (job) (rate(<{0}>_bucket{{{3}, {1}}}[{2}]))",
        metric, labels, window, le(bound));
    if (has_native_) {
      expression += fmt::format(
          "\n  or (1 - histogram_fraction(0, {3}, sum by (job) (rate(<{0}>{{{1}}}[{2}]))))\n"
          "    * (histogram_count(sum by (job) (rate(<{0}>{{{1}}}[{2}]))) > 0)",
          metric, labels, window, seconds(bound));
    }
    return expression;
  }

 private:
  [[nodiscard]] static double seconds(std::chrono::nanoseconds bound) {
    return static_cast<double>(bound.count()) / 1e9;
  }
  /// Text writes `1`, OpenMetrics and protobuf `1.0`.
  [[nodiscard]] static std::string le(std::chrono::nanoseconds bound) {
    const double number = seconds(bound);
    if (std::floor(number) == number) return fmt::format("le=~\"{0}|{0}\\\\.0\"", number);
    return fmt::format("le=\"{}\"", number);
  }

  bool has_native_;
};

constexpr const char* statement_labels = "job, <system>, <summary>, <collection>, <operation>";

rule_group statements_of(const histogram_expressions& histograms) {
  rule_group group{.name = "querytap_record_statements"};
  group.recorded = {
      {"querytap_statement:calls:rate5m", histograms.events(statement_labels, "calls", "", "5m")},
      {"querytap_statement:duration_seconds:p95_rate30m",
       "(" + histograms.quantile(0.95, statement_labels, "calls", R"({<error>=""})", "30m") +
           ") >= 0"},  // no NaN, which a median would count
      {"querytap_system:calls:rate5m", "sum by (job, <system>) (querytap_statement:calls:rate5m)"},
      // The class of a SQLSTATE; other systems' errors have no classes.
      {"querytap_system:errors:rate5m",
       "sum by (job, <system>, error_class) (\n"
       "  label_replace(\n"
       "    label_replace(\n"
       "      " +
           histograms.events("job, <system>, <error>", "calls", R"({<error>!=""})", "5m") +
           ",\n"
           "      \"error_class\", \"$1\", \"<error>\", \"(.+)\"),\n"
           "    \"error_class\", \"$1\", \"<error>\", \"([0-9A-Z]{2})[0-9A-Z]{3}\"))"},
      {"querytap_system:errors:ratio_rate5m",
       "querytap_system:errors:rate5m\n"
       "  / on (job, <system>) group_left () querytap_system:calls:rate5m"},
      {"querytap_system:slow_calls:ratio_rate5m",
       "sum by (job, <system>) (rate(<slow_calls>[5m])) / querytap_system:calls:rate5m"},
  };
  return group;
}

/// Over a week of values: less often.
rule_group last_week() {
  rule_group group{.name = "querytap_record_last_week", .interval = "5m"};
  group.recorded = {
      {"querytap_statement:duration_seconds:p95_median_1w",
       "quantile_over_time(0.5, querytap_statement:duration_seconds:p95_rate30m[1w] offset 1h)"}};
  return group;
}

rule_group requests_of(const histogram_expressions& histograms) {
  rule_group group{.name = "querytap_record_requests"};
  group.recorded = {
      {"querytap_request:requests:rate5m",
       histograms.events("job, <request>", "requests", "", "5m")},
      {"querytap_request:errors:rate5m",
       "(" + histograms.events("job, <request>", "requests", R"({<error>!=""})", "5m") +
           ")\n  or 0 * querytap_request:requests:rate5m"},
      {"querytap_request:errors:ratio_rate5m",
       "querytap_request:errors:rate5m / querytap_request:requests:rate5m"},
      {"querytap_request:duration_seconds:p95_rate5m",
       histograms.quantile(0.95, "job, <request>", "requests", "", "5m")},
  };
  return group;
}

rule_group pools() {
  rule_group group{.name = "querytap_record_pools"};
  group.recorded = {{"querytap_pool:used:ratio",
                     "sum by (job, instance, <pool>) (<pool_count>{<pool_state>=\"used\"})\n"
                     "  / sum by (job, instance, <pool>) (<pool_max>)"},
                    {"querytap_pool:timeouts:rate5m",
                     "sum by (job, instance, <pool>) (rate(<pool_timeouts>[5m]))"}};
  return group;
}

struct promise {
  std::string sli;
  double share;
  std::string events;
  std::string bad_events;
};

/// What an objective selects, without braces.
std::string selector_of(const service& of_job, const objective& goal) {
  const std::string kind = goal.request.empty() ? "<system>=" + promql_text(goal.system)
                                                : "<request>=" + promql_text(goal.request);
  return "job=" + promql_text(of_job.job) + ", " + kind;
}

std::vector<promise> promises_of(const histogram_expressions& histograms, const service& of_job,
                                 const objective& goal) {
  const std::string metric = goal.request.empty() ? "calls" : "requests";
  const std::string all = selector_of(of_job, goal);
  const std::string failed = all + R"(, <error>!="")";
  const std::string succeeded = all + R"(, <error>="")";
  std::vector<promise> promises;
  if (goal.availability) {
    const std::string events = histograms.events("job", metric, "{" + all + "}", "5m");
    promises.push_back({"availability", *goal.availability, events,
                        "(" + histograms.events("job", metric, "{" + failed + "}", "5m") +
                            ")\nor 0 * (" + events + ")"});
  }
  if (goal.latency) {
    promises.push_back({"latency", goal.latency->share,
                        histograms.events("job", metric, "{" + succeeded + "}", "5m"),
                        histograms.slower(goal.latency->within, metric, succeeded, "5m")});
  }
  return promises;
}

constexpr const char* burn_windows[] = {"30m", "1h", "2h", "6h", "1d", "3d"};

rule_group objective_events(const histogram_expressions& histograms, const objectives& all) {
  rule_group group{.name = "querytap_record_objectives"};
  for (const service& of_job : all.services) {
    for (const objective& goal : of_job.objectives) {
      for (const promise& given : promises_of(histograms, of_job, goal)) {
        const std::vector<std::pair<std::string, std::string>> labels{{"objective", goal.name},
                                                                      {"sli", given.sli}};
        group.recorded.push_back({"slo:events:rate5m", given.events, labels});
        group.recorded.push_back({"slo:bad_events:rate5m", given.bad_events, labels});
        // The job, so that it has the labels of the others, whether or not the service is there.
        auto all_labels = labels;
        all_labels.insert(all_labels.begin(), {"job", of_job.job});
        group.recorded.push_back(
            {"slo:objective:ratio", fmt::format("vector({:.8g})", given.share), all_labels});
      }
    }
  }
  // 1: the budget lasts for the whole period. 10: for a tenth of it.
  group.recorded.push_back(
      {"slo:burn:rate5m",
       "(slo:bad_events:rate5m / slo:events:rate5m)\n  / (1 - slo:objective:ratio)"});
  for (const std::string window : burn_windows) {
    group.recorded.push_back(
        {"slo:burn:rate" + window,
         fmt::format(
             "(avg_over_time(slo:bad_events:rate5m[{0}]) / avg_over_time(slo:events:rate5m[{0}]))\n"
             "  / (1 - slo:objective:ratio)",
             window)});
  }
  return group;
}

/// 30 days are many samples: rarely.
rule_group budgets() {
  rule_group group{.name = "querytap_record_budgets", .interval = "5m"};
  group.recorded = {
      {"slo:good:ratio_rate30d",
       "1 - avg_over_time(slo:bad_events:rate5m[30d]) / avg_over_time(slo:events:rate5m[30d])"},
      {"slo:budget_left:ratio", "1 - (1 - slo:good:ratio_rate30d) / (1 - slo:objective:ratio)"}};
  return group;
}

}  // namespace

std::vector<rule_group> recording_groups(const objectives& all, store reader) {
  const histogram_expressions histograms{reader};
  return {statements_of(histograms),         last_week(), requests_of(histograms), pools(),
          objective_events(histograms, all), budgets()};
}

}  // namespace ops_rules
