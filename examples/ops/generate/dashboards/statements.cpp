#include "dashboards.hpp"
#include "panels.hpp"

#include <querytap/snapshot/catalog.hpp>

namespace ops {
namespace {

namespace catalog = querytap::catalog;

const series calls{catalog::operation_duration};
/// A statement of SQL has a summary, a command the name of its operation.
const keys by_statement{"db.system.name", "db.query.summary", "db.operation.name"};
const keys by_system{"db.system.name"};

row of_load() {
  return {"Which statements matter",
          {{.title = "Time spent (ten costliest)",
            .advice = "Seconds of calls per second: 0.5 is half a connection that does nothing "
                      "else. Begin here when the "
                      "database is busy.",
            .targets = {shown(top(10, sum_rate(calls, by_statement)), by_statement)},
            .width = 12,
            .is_stacked = true,
            .drill_down = "statements&var-statement=${__field.labels.db_query_summary}"},
           {.title = "Calls (ten most frequent)",
            .advice = "A statement far ahead of all others is often called once for each row of "
                      "another: N+1.",
            .targets = {shown(top(10, rate(calls, by_statement)), by_statement)},
            .width = 12,
            .drill_down = "statements&var-statement=${__field.labels.db_query_summary}"}}};
}

row of_errors() {
  return {
      "Errors",
      {{.title = "Calls that fail",
        .advice = "The share of each system.",
        .targets = {shown(failed_share(calls, by_system), by_system)},
        .thresholds = limits(0.001, 0.01),
        .least = 0},
       {.title = "Failed calls by statement",
        .advice = "By SQLSTATE, result code or the name of the client's exception: 40001 and 40P01 "
                  "are to be tried "
                  "again, 57014 was cancelled, 08* and 57P* are a server that is gone.",
        .targets = {shown(
            or_zero(rate(calls.where("error.type", "!=\"\""),
                         {"db.system.name", "db.query.summary", "db.operation.name", "error.type"}),
                    rate(calls, by_system)),
            {"db.system.name", "db.query.summary", "db.operation.name", "error.type"})},
        .width = 16}}};
}

row of_latency() {
  return {
      "Latency",
      {{.title = "All statements chosen",
        .advice = "Points are traces of single calls: click one to open it.",
        .targets = quantiles(calls)},
       {.title = "Distribution",
        .advice = "Two bands are two kinds of calls: cached and not, small and large. Choose one "
                  "statement above.",
        .kind = panel_kind::heat_map,
        .targets = {{buckets(calls), "{{le}}"}},
        .width = 16},
       {.title = "p99 of the ten slowest",
        .advice =
            "A step up at a deployment: compare the plans before and after it on the live page.",
        .targets = {shown(top(10, quantile(0.99, calls, by_statement)), by_statement)},
        .width = 12,
        .drill_down = "statements&var-statement=${__field.labels.db_query_summary}"},
       {.title = "Slow calls",
        .advice = "Calls beyond the slow threshold. The live page has samples of them, with plans "
                  "and waits.",
        .targets = {shown(
            top(10, rate(series{catalog::operation_slow}, {"db.system.name", "db.query.summary"})),
            {"db.system.name", "db.query.summary"})},
        .width = 12,
        .drill_down = "statements&var-statement=${__field.labels.db_query_summary}"}}};
}

row of_causes() {
  return {
      "Why",
      {{.title = "Phases",
        .advice = "What the time of calls goes into, in seconds per second: waiting for a lock, "
                  "connecting, executing.",
        .targets = {shown(
            sum_rate(series{catalog::phase_duration}, {"db.system.name", "querytap.phase"}),
            {"db.system.name", "querytap.phase"})},
        .is_stacked = true},
       {.title = "Rows of a call (mean)",
        .advice = "Hundreds of rows where a page shows ten: a limit is missing.",
        .targets = {shown(top(10, mean(series{catalog::returned_rows}, by_statement)),
                          by_statement)}},
       {.title = "Findings",
        .advice = "An hour, at the rate of each moment: N+1, missing index, spill, another plan. "
                  "The live page has the evidence under "
                  "/#findings.",
        .kind = panel_kind::bars,
        .targets = {shown(
            times(rate(series{catalog::finding_count}, {"querytap.finding.kind"}), "3600"),
            {"querytap.finding.kind"})},
        .is_stacked = true},
       {.title = "Transactions (p99)",
        .advice = "Long ones hold locks and keep VACUUM from cleaning up.",
        .targets = {quantile_shown(0.99, series{catalog::transaction_duration},
                                   {"db.system.name", "querytap.transaction.outcome"})}},
       {.title = "Idle in transactions (p99)",
        .advice = "The application does something else while it holds locks: move that out of the "
                  "transaction.",
        .targets = {quantile_shown(0.99, series{catalog::transaction_idle},
                                   {"db.system.name", "querytap.transaction.stage"})}},
       {.title = "Prepared statements found",
        .advice = "Far below 100 %: the texts differ from call to call, or the cache is too small.",
        .targets = {shown(share(rate(series{catalog::statement_cache_lookups}.where(
                                         "querytap.result", "=\"hit\""),
                                     by_system),
                                rate(series{catalog::statement_cache_lookups}, by_system)),
                          by_system)},
        .thresholds = goals(0.5, 0.9),
        .least = 0,
        .most = 1,
        .empty_because = "only SQLite's connections report their cache of prepared statements"}}};
}

row of_processes() {
  const keys by{"job", "instance"};
  return {"Processes",
          {instances("statements", {{rate(calls, by), "calls/s"},
                                    {sum_rate(calls, by), "busy connections"},
                                    {failed_share(calls, by), "calls that fail"},
                                    {quantile(0.99, calls, by), "p99"}}),
           {.title = "Statements by their fingerprint",
            .advice = "Each leads to itself on the live page of its process: its samples, plans, "
                      "call sites and advice.",
            .kind = panel_kind::table,
            .targets = {{top(20, sum_rate(calls.where("querytap.statement", "!=\"\""),
                                          {"job", "instance", "querytap.statement"})),
                         "busy connections"}},
            .width = 24,
            .empty_because =
                "the label querytap_statement is there with pages_options.statements alone",
            .live_view = "statement/${__data.fields.querytap_statement}"}}};
}

}  // namespace

dashboard statements() {
  return {.file = "statements",
          .title = "Statements",
          .description = "Which statements cost time, fail or are slow, and why.",
          .rows = {of_load(), of_errors(), of_latency(), of_causes(), of_processes()}};
}

}  // namespace ops
