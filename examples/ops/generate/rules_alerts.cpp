#include "rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <span>

namespace ops_rules {
namespace {

struct burn_alert {
  double burn;  ///< times the rate that lasts for the whole period
  std::string long_window;
  std::string short_window;
  int short_seconds;
  std::string hold;
  std::string spent;  ///< of the budget, when the long window is full of it
};

// The SRE workbook's windows for a period of 30 days.
const burn_alert fast_burns[] = {
    {14.4, "1h", "5m", 300, "2m", "2 % of the budget of 30 days in an hour"},
    {6, "6h", "30m", 1800, "15m", "5 % of the budget of 30 days in six hours"}};
const burn_alert slow_burns[] = {
    {3, "1d", "2h", 7200, "1h", "10 % of the budget of 30 days in a day"},
    {1, "3d", "6h", 21600, "3h", "10 % of the budget of 30 days in three days"}};

std::string average(const std::string& series, const std::string& window) {
  return window == "5m" ? series : fmt::format("avg_over_time({}[{}])", series, window);
}

alerting_rule burn_rule(const burn_alert& burn, const std::string& sli, const std::string& users,
                        bool is_fast, double least_events) {
  const std::string selector = fmt::format("{{sli=\"{}\"}}", sli);
  const std::string name = sli == "availability" ? "Availability" : "Latency";
  return {.alert = fmt::format("{}BudgetBurns{}", name, is_fast ? "Fast" : "Slowly"),
          .severity = is_fast ? "critical" : "warning",
          .layer = "objective",
          .expr = fmt::format("slo:burn:rate{0}{2} > {3}\n"
                              "  and slo:burn:rate{1}{2} > {3}\n"
                              "  and {4} * {5} >= {6}",
                              burn.long_window, burn.short_window, selector, burn.burn,
                              average("slo:events:rate5m" + selector, burn.short_window),
                              burn.short_seconds, least_events),
          .hold = burn.hold,
          .summary = fmt::format(
              "{{{{ $labels.job }}}}: the {} objective {{{{ $labels.objective }}}} is being missed",
              sli),
          .description =
              fmt::format("{} Over the last {} the error budget was used "
                          "{{{{ $value | humanize }}}} times as fast as it may be; {} times is {}.",
                          users, burn.long_window, burn.burn, burn.spent),
          .value = "{{ $value | humanize }} times the budget",
          .labels = {{"window", burn.long_window}}};
}

void add_burns(rule_group& group, std::span<const burn_alert> burns, bool is_fast,
               double least_events) {
  for (const burn_alert& burn : burns) {
    group.alerts.push_back(burn_rule(burn, "availability",
                                     "More users than promised get an error instead of an answer.",
                                     is_fast, least_events));
  }
  for (const burn_alert& burn : burns) {
    group.alerts.push_back(burn_rule(burn, "latency",
                                     "More users than promised wait too long for an answer.",
                                     is_fast, least_events));
  }
}

rule_group objectives_group(const alert_limits& limits) {
  rule_group group{.name = "querytap_alert_objectives"};
  add_burns(group, fast_burns, true, limits.least_events);
  add_burns(group, slow_burns, false, limits.least_events);
  group.alerts.push_back({.alert = "ObjectiveNotMeasured",
                          .severity = "warning",
                          .layer = "telemetry",
                          .expr = "slo:events:rate5m > 0 unless slo:bad_events:rate5m",
                          .hold = "15m",
                          .summary = "{{ $labels.job }}: nothing says whether the {{ $labels.sli "
                                     "}} objective {{ $labels.objective }} is kept",
                          .description = "There are {{ $value | humanize }} events a second, but "
                                         "no bucket that ends at the bound of the objective: "
                                         "the service runs without that bound in slo_thresholds. "
                                         "If users waited too long, no alert would say so.",
                          .value = "{{ $value | humanize }} events a second"});
  return group;
}

// absent() knows the labels of a selector, but not of a comparison.
std::vector<alerting_rule> service_alerts(const service& of_job) {
  const std::string selector = fmt::format("{{job=\"{}\"}}", of_job.job);
  return {{.alert = "ServiceAbsent",
           .severity = "critical",
           .layer = "service",
           .expr = fmt::format("label_replace(absent(up{} == 1), \"job\", \"{}\", \"\", \"\")",
                               selector, of_job.job),
           .hold = "2m",
           .summary = "{{ $labels.job }}: no instance can be scraped",
           .description = "Either no instance of {{ $labels.job }} runs, and users get no answer "
                          "at all, or none can be reached by "
                          "Prometheus, and nothing else would be noticed."},
          {.alert = "InstanceDown",
           .severity = "warning",
           .layer = "instance",
           .expr = fmt::format("up{} == 0", selector),
           .hold = "2m",
           .summary = "{{ $labels.job }}: {{ $labels.instance }} cannot be scraped",
           .description = "The instance is stopped, hangs, or cannot be reached by Prometheus. "
                          "Users of it get no answer, or "
                          "nobody sees what they get.",
           .value = "up is {{ $value }}"}};
}

rule_group services_group(const objectives& all) {
  rule_group group{.name = "querytap_alert_services"};
  for (const service& of_job : all.services) {
    for (auto& rule : service_alerts(of_job)) group.alerts.push_back(std::move(rule));
  }
  return group;
}

// What a class of SQLSTATE stands for; others are shown as they are.
constexpr const char* class_in_words =
    "{{ with $labels.error_class }}"
    "{{ if eq . \"08\" }}connections fail"
    "{{ else if eq . \"22\" }}values do not fit"
    "{{ else if eq . \"23\" }}constraints are violated"
    "{{ else if eq . \"25\" }}transactions are in a state that does not allow the statement"
    "{{ else if eq . \"28\" }}the log-in is refused"
    "{{ else if eq . \"40\" }}transactions are rolled back, by deadlock or serialisation"
    "{{ else if eq . \"42\" }}statements or rights are wrong"
    "{{ else if eq . \"53\" }}the server is short of connections, memory or disk"
    "{{ else if eq . \"55\" }}an object is locked or not ready"
    "{{ else if eq . \"57\" }}the server cancels statements or shuts down"
    "{{ else if eq . \"58\" }}the server's system fails"
    "{{ else if eq . \"XX\" }}the server has an internal error"
    "{{ else }}the error is {{ . }}{{ end }}{{ end }}";

rule_group statements_group(const alert_limits& limits) {
  rule_group group{.name = "querytap_alert_statements"};
  group.alerts = {
      {.alert = "DatabaseErrors",
       .severity = "warning",
       .layer = "statement",
       .expr = fmt::format("querytap_system:errors:ratio_rate5m > {}\n"
                           "  and on (job, <system>) querytap_system:calls:rate5m * 300 >= {}",
                           limits.failed_calls, limits.least_events),
       .hold = "5m",
       .summary = "{{ $labels.job }}: calls of {{ $labels.<system> }} fail with errors of class {{ "
                  "$labels.error_class }}",
       .description = std::string{"{{ $value | humanizePercentage }} of the calls fail: "} +
                      class_in_words +
                      ". Requests that need these calls fail or answer without them.",
       .value = "{{ $value | humanizePercentage }}"},
      {.alert = "SlowCalls",
       .severity = "warning",
       .layer = "statement",
       .expr = fmt::format("querytap_system:slow_calls:ratio_rate5m > {}\n"
                           "  and on (job, <system>) querytap_system:calls:rate5m * 300 >= {}",
                           limits.slow_calls, limits.least_events),
       .hold = "10m",
       .summary = "{{ $labels.job }}: many calls of {{ $labels.<system> }} take longer than their "
                  "slow threshold",
       .description =
           "{{ $value | humanizePercentage }} of the calls are slow. Users wait for them.",
       .value = "{{ $value | humanizePercentage }}"},
      {.alert = "StatementSlower",
       .severity = "warning",
       .layer = "statement",
       .expr =
           fmt::format("(querytap_statement:duration_seconds:p95_rate30m\n"
                       "    > {0} * querytap_statement:duration_seconds:p95_median_1w)\n"
                       "  > 0.005\n"
                       "  and avg_over_time(querytap_statement:calls:rate5m[30m]) * 1800 >= {1}",
                       limits.statement_slower, limits.least_events),
       .hold = "15m",
       .summary = "{{ $labels.job }}: {{ with $labels.<summary> }}{{ . }}{{ else }}{{ "
                  "$labels.<operation> }} {{ $labels.<collection> }}{{ end }} is slower "
                  "than last week",
       .description =
           fmt::format("95 % of its calls of the last 30 minutes took up to {{{{ $value | "
                       "humanizeDuration }}}}, more than {} times its own "
                       "median of last week. Requests that make this call are slower by that.",
                       limits.statement_slower),
       .value = "{{ $value | humanizeDuration }}",
       .keep = "10m"}};
  return group;
}

rule_group pools_group(const alert_limits& limits) {
  rule_group group{.name = "querytap_alert_pools"};
  group.alerts = {
      {.alert = "PoolExhausted",
       .severity = "critical",
       .layer = "pool",
       .expr = "querytap_pool:timeouts:rate5m > 0",
       .hold = "1m",
       .summary = "{{ $labels.job }}: callers give up waiting for a connection of the pool {{ "
                  "$labels.<pool> }}",
       .description = "All connections are lent, and callers wait until their time is over. Their "
                      "requests fail.",
       .value = "{{ $value | humanize }} timeouts a second"},
      {.alert = "PoolSaturated",
       .severity = "warning",
       .layer = "pool",
       .expr = fmt::format("querytap_pool:used:ratio > {}\n"
                           "  and on (job, instance, <pool>) max_over_time(<pool_pending>[5m]) > 0",
                           limits.pool_used),
       .hold = "10m",
       .summary = "{{ $labels.job }}: the pool {{ $labels.<pool> }} is nearly used up, and callers "
                  "wait for it",
       .description = "{{ $value | humanizePercentage }} of the connections are lent. Requests "
                      "wait for their turn; with a "
                      "little more load they fail.",
       .value = "{{ $value | humanizePercentage }}"},
      {.alert = "ConnectionsLeak",
       .severity = "warning",
       .layer = "pool",
       .expr = "sum by (job, instance, <pool>) (<pool_leaks>)\n"
               "  - sum by (job, instance, <pool>) (<pool_unleaks>) > 0",
       .hold = "5m",
       .summary =
           "{{ $labels.job }}: connections of the pool {{ $labels.<pool> }} are not given back",
       .description = "{{ $value }} connections are lent for too long. When all are, requests fail "
                      "until a restart.",
       .value = "{{ $value }} connections"}};
  return group;
}

rule_group findings_group(const alert_limits& limits) {
  rule_group group{.name = "querytap_alert_findings"};
  group.alerts = {
      {.alert = "NPlusOneQueries",
       .severity = "info",
       .layer = "statement",
       .expr = fmt::format("sum by (job) (increase(<findings>{{<kind>=\"n_plus_one\"}}[1h])) >= {}",
                           limits.n_plus_one),
       .hold = "5m",
       .summary =
           "{{ $labels.job }}: requests call a statement over and over where one call would do",
       .description = "{{ $value | humanize }} requests of the last hour did so. Users wait for "
                      "each of the calls, one after the other.",
       .value = "{{ $value | humanize }} in an hour"},
      {.alert = "CallsHang",
       .severity = "warning",
       .layer = "statement",
       .expr = "sum by (job, instance) (increase(<findings>{<kind>=\"hung\"}[10m])) > 0",
       .hold = "",
       .summary = "{{ $labels.job }}: calls on {{ $labels.instance }} do not come back",
       .description = "{{ $value | humanize }} calls were found hanging in the last ten minutes. "
                      "Their users wait, and each holds a "
                      "connection.",
       .value = "{{ $value | humanize }} calls"},
      {.alert = "PlanChanged",
       .severity = "info",
       .layer = "statement",
       .expr = "sum by (job) (increase(<findings>{<kind>=\"plan_change\"}[1h])) > 0",
       .hold = "",
       .summary = "{{ $labels.job }}: a statement is executed in another way than before",
       .description = "The server chose another plan for {{ $value | humanize }} statements. Users "
                      "notice only if it is a worse one.",
       .value = "{{ $value | humanize }} in an hour"}};
  return group;
}

rule_group health_group() {
  rule_group group{.name = "querytap_alert_health"};
  group.alerts = {
      {.alert = "ComponentUnhealthy",
       .severity = "critical",
       .layer = "component",
       .expr = "max by (job, instance, <component>) (<health>{<status>=\"fail\"}) == 1",
       .hold = "1m",
       .summary = "{{ $labels.job }}: {{ $labels.<component> }} fails",
       .description = "{{ $labels.instance }} cannot use {{ $labels.<component> }}. Requests that "
                      "need it fail or answer without it."},
      {.alert = "ComponentDegraded",
       .severity = "warning",
       .layer = "component",
       .expr = "max by (job, instance, <component>) (<health>{<status>=\"warn\"}) == 1",
       .hold = "15m",
       .summary = "{{ $labels.job }}: {{ $labels.<component> }} works, but is not well",
       .description = "{{ $labels.instance }} can use {{ $labels.<component> }}, with a warning "
                      "for 15 minutes. Users notice little so far."},
      {.alert = "ComponentFlaps",
       .severity = "warning",
       .layer = "component",
       .expr =
           "sum by (job, instance, <component>) (changes(<health>{<status>=\"fail\"}[30m])) >= 6",
       .hold = "",
       .summary = "{{ $labels.job }}: {{ $labels.<component> }} fails and recovers by turns",
       .description = "Its health changed {{ $value }} times in 30 minutes on {{ $labels.instance "
                      "}}. Some requests fail, others do not.",
       .value = "{{ $value }} changes",
       .keep = "15m"}};
  return group;
}

/// How old the values of a server may be, in seconds: those that ask most often do so once a second.
int answered_within(int faster) { return std::max(3, 30 / faster); }

rule_group servers_group(const alert_limits& limits, int faster) {
  constexpr double transactions = 2147483648.0;
  const auto transaction_age = [&](double share) {
    return fmt::format(
        "max by (job, <system>, <server>, <port>, <database>) (\n"
        "  {{__name__=~\"<postgres_transaction_age>|<postgres_multixact_age>\"}}) / {:.0f} > {}",
        transactions, share);
  };
  const alerting_rule wraparound{
      .alert = "TransactionIdsRunOut",
      .severity = "warning",
      .layer = "server",
      .expr = transaction_age(limits.transaction_age),
      .hold = "1h",
      .summary =
          "{{ $labels.<server> }}: the database {{ $labels.<database> }} is not frozen in time",
      .description =
          "{{ $value | humanizePercentage }} of the transaction numbers are used since the oldest "
          "row was frozen. At 100 % the "
          "server takes no writes any more, until a VACUUM has gone through all of it.",
      .value = "{{ $value | humanizePercentage }}"};
  alerting_rule late = wraparound;
  late.severity = "critical";
  late.expr = transaction_age(0.75);
  late.hold = "5m";
  rule_group group{.name = "querytap_alert_servers"};
  // DatabaseDown outlives what it inhibits, which looks back over five minutes.
  group.alerts = {
      {.alert = "DatabaseDown",
       .severity = "critical",
       .layer = "server",
       .expr = fmt::format(
           "label_replace(\n"
           "  max by (job, instance, <source>) (<source_age>{{<source>=~\".+ .+\"}} > {})\n"
           "    and on (job, instance, <source>) sum by (job, instance, <source>) "
           "(increase(<source_failures>[300s])) > 0,\n"
           "  \"<system>\", \"$1\", \"<source>\", \"([^ ]+) .+\")",
           answered_within(faster)),
       .hold = "30s",
       .summary = "{{ $labels.job }}: {{ $labels.<source> }} does not answer",
       .description = "{{ $labels.instance }} has had no answer for {{ $value | humanizeDuration "
                      "}}. Requests that need this server fail. "
                      "Alerts on its statements are held back meanwhile.",
       .value = "{{ $value | humanizeDuration }}",
       .keep = "10m"},
      {.alert = "SourceStale",
       .severity = "warning",
       .layer = "telemetry",
       .expr = "max by (job, instance, <source>) (<source_age>) > 300",
       .hold = "5m",
       .summary = "{{ $labels.job }}: what {{ $labels.<source> }} says of itself is old",
       .description = "{{ $labels.instance }} has had no values for {{ $value | humanizeDuration "
                      "}}. Users are not concerned, but alerts "
                      "on this server are blind.",
       .value = "{{ $value | humanizeDuration }}"},
      {.alert = "ReplicationLags",
       .severity = "warning",
       .layer = "server",
       .expr = fmt::format("max by (job, <system>, <server>, <port>) (\n"
                           "  <postgres_replay_delay>\n"
                           "  or <postgres_client_delay>{{<client_operation>=\"replay\"}}\n"
                           "  or <mysql_lag>\n"
                           "  or <mongodb_lag>) > {}",
                           limits.replication_lag),
       .hold = "5m",
       .summary = "{{ $labels.<server> }}:{{ $labels.<port> }}: replication of {{ $labels.<system> "
                  "}} is behind",
       .description = "A replica is {{ $value | humanizeDuration }} behind. Users who read from it "
                      "see old data, and a switch to it would "
                      "lose what it lacks.",
       .value = "{{ $value | humanizeDuration }}"},
      {.alert = "ReplicationStopped",
       .severity = "critical",
       .layer = "server",
       .expr = "max by (job, <system>, <server>, <port>) (\n"
               "  <postgres_slots_lost> > 0\n"
               "  or 1 - <mysql_replica_running> > 0\n"
               "  or 1 - <redis_link_up> > 0)",
       .hold = "2m",
       .summary = "{{ $labels.<server> }}:{{ $labels.<port> }}: replication of {{ $labels.<system> "
                  "}} stands still",
       .description = "A replica gets nothing any more. It becomes older and older, and may have "
                      "to be copied anew."},
      wraparound,
      late};
  return group;
}

rule_group disks_group(const alert_limits& limits) {
  rule_group group{.name = "querytap_alert_disks"};
  group.alerts = {
      {.alert = "DiskFull",
       .severity = "critical",
       .layer = "host",
       .expr =
           fmt::format("max by (job, instance, <mountpoint>) (<disk_used>) > {}", limits.disk_used),
       .hold = "5m",
       .summary = "{{ $labels.instance }}: {{ $labels.<mountpoint> }} is nearly full",
       .description = "{{ $value | humanizePercentage }} are used. A database that cannot write "
                      "stops; users' changes fail.",
       .value = "{{ $value | humanizePercentage }}"},
      {.alert = "DiskFillsUp",
       .severity = "warning",
       .layer = "host",
       .expr = "min by (job, instance, <mountpoint>) (\n"
               "  predict_linear(<disk_space>{<disk_state>=\"free\"}[6h], 86400)) < 0\n"
               "  and on (job, instance, <mountpoint>) max by (job, instance, <mountpoint>) "
               "(<disk_used>) > 0.5",
       .hold = "1h",
       .summary = "{{ $labels.instance }}: {{ $labels.<mountpoint> }} will be full within a day",
       .description = "At the pace of the last six hours it lacks {{ $value | humanize1024 }}B in "
                      "24 hours. Users notice nothing yet.",
       .value = "{{ $value | humanize1024 }}B in 24 hours"}};
  return group;
}

rule_group telemetry_group() {
  rule_group group{.name = "querytap_alert_telemetry"};
  group.alerts = {
      {.alert = "TelemetryDropped",
       .severity = "warning",
       .layer = "telemetry",
       .expr = "sum by (job, instance, <reason>) (rate(<dropped>[5m])) > 0\n"
               "  or sum by (job, instance, <reason>) (rate(<file_dropped>[5m])) > 0",
       .hold = "10m",
       .summary = "{{ $labels.job }}: records are dropped for {{ $labels.<reason> }}",
       .description = "{{ $labels.instance }} drops {{ $value | humanize }} records a second. "
                      "Users are not concerned, but figures and "
                      "findings are incomplete.",
       .value = "{{ $value | humanize }} records a second"},
      {.alert = "SeriesLimitReached",
       .severity = "warning",
       .layer = "telemetry",
       .expr = "sum by (job, instance, <instrument>, <attribute>) (increase(<overflow>[15m])) > 0",
       .hold = "5m",
       .summary = "{{ $labels.job }}: {{ $labels.<instrument> }} has more series than it may",
       .description = "On {{ $labels.instance }} {{ $labels.<attribute> }} takes too many values. "
                      "What is past the limit counts in one common "
                      "series: totals are right, and single statements or names are missing.",
       .value = "{{ $value | humanize }} series refused"},
      {.alert = "ExportFails",
       .severity = "warning",
       .layer = "telemetry",
       .expr =
           "sum by (job, instance, <exporter>) (rate(<exported_points>{<error>!=\"\"}[5m])) > 0\n"
           "  or sum by (job, instance, <exporter>) (rate(<exported_logs>{<error>!=\"\"}[5m])) > "
           "0\n"
           "  or sum by (job, instance, <exporter>) (rate(<exported_spans>{<error>!=\"\"}[5m])) > "
           "0",
       .hold = "10m",
       .summary = "{{ $labels.job }}: OTLP exports fail",
       .description = "{{ $labels.<exporter> }} of {{ $labels.instance }} loses {{ $value | "
                      "humanize }} points, log records or spans a second. "
                      "Users are not concerned; whoever reads them at the other end is.",
       .value = "{{ $value | humanize }} a second"},
      {.alert = "RulesFail",
       .severity = "critical",
       .layer = "telemetry",
       .expr = "sum by (job, instance, rule_group) "
               "(increase(prometheus_rule_evaluation_failures_total[5m])) > 0",
       .hold = "",
       .summary = "Prometheus cannot evaluate rules",
       .description = "{{ $labels.rule_group }} failed {{ $value | humanize }} times in five "
                      "minutes. Alerts of this group may be missing, or be "
                      "shown as firing for ever.",
       .value = "{{ $value | humanize }} failures"},
      {.alert = "Watchdog",
       .severity = "info",
       .layer = "watchdog",
       .expr = "vector(1)",
       .hold = "",
       .summary = "Alerting works",
       .description = "This alert fires always. If it stops to arrive, Prometheus, Alertmanager or "
                      "the way from them is broken."}};
  return group;
}

}  // namespace

std::vector<rule_group> alert_groups(const objectives& all, int faster) {
  return {
      objectives_group(all.limits),      services_group(all),        statements_group(all.limits),
      pools_group(all.limits),           findings_group(all.limits), health_group(),
      servers_group(all.limits, faster), disks_group(all.limits),    telemetry_group()};
}

}  // namespace ops_rules
