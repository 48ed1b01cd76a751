#include "rules.hpp"

#include <fmt/format.h>

namespace ops_rules {
namespace {

struct band {
  std::string name;
  std::string window;  ///< with its offset
  double deviations;
  double share;  ///< at least so much of the mean
};

// The short band follows the hours, the long one the day, the seasonal one the same hour of last week. What began less
// than half an hour ago is in none of them; what lasts longer widens the short band, and is no news any more.
const band bands[] = {{"short", "[2h] offset 30m", 4, 0.25},
                      {"long", "[26h] offset 1h", 3, 0.25},
                      {"seasonal", "[1h] offset 167h30m", 4, 0.25}};

std::vector<recording_rule> levels() {
  return {
      {"anomaly:level",
       "sum by (job) (querytap_request:requests:rate5m)",
       {{"anomaly", "requests"}}},
      {"anomaly:level",
       "max by (job) (querytap_request:duration_seconds:p95_rate5m >= 0)",
       {{"anomaly", "latency"}}},
      {"anomaly:level", "sum by (job) (querytap_request:errors:rate5m)", {{"anomaly", "errors"}}}};
}

recording_rule edge_of(const band& wanted, const std::string& side, char sign) {
  return {"anomaly:" + side + "_band",
          fmt::format("avg_over_time(anomaly:level{0})\n"
                      "  {1} ({2} * stddev_over_time(anomaly:level{0}) > {3} * "
                      "avg_over_time(anomaly:level{0})\n"
                      "    or {3} * avg_over_time(anomaly:level{0}))",
                      wanted.window, sign, wanted.deviations, wanted.share),
          {{"band", wanted.name}}};
}

}  // namespace

std::vector<rule_group> anomaly_groups() {
  rule_group group{.name = "querytap_anomalies", .interval = "1m"};
  group.recorded = levels();
  for (const band& wanted : bands) {
    group.recorded.push_back(edge_of(wanted, "upper", '+'));
    group.recorded.push_back(edge_of(wanted, "lower", '-'));
  }
  // All of them: a known season and a slow change are no anomaly. The first day has no long band, and no alert.
  group.alerts = {
      {.alert = "ServiceUnusual",
       .severity = "info",
       .layer = "service",
       .expr =
           "(anomaly:level > on (job, anomaly) max by (job, anomaly) (anomaly:upper_band)\n"
           "  or anomaly:level < on (job, anomaly) min by (job, anomaly) (anomaly:lower_band))\n"
           "  and on (job, anomaly) anomaly:level offset 26h",
       .hold = "15m",
       .summary = "{{ $labels.job }}: {{ $labels.anomaly }} as not seen in the last two hours, day "
                  "and week",
       .description =
           "The {{ $labels.anomaly }} of {{ $labels.job }} are outside the bands of the last two "
           "hours, "
           "of the last day "
           "and of the same hour of last week. Users may notice nothing: it is a place to look at.",
       .value = "{{ $value | humanize }}",
       .keep = "30m"}};
  return {group};
}

}  // namespace ops_rules
