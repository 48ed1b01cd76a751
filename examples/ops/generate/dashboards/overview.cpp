#include "dashboards.hpp"
#include "panels.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <servers/host/host_instruments.hpp>

namespace ops {
namespace {

namespace catalog = querytap::catalog;

const series requests_made{catalog::request_duration};
const series calls{catalog::operation_duration};
const keys by_request{"querytap.request.name"};
const keys by_system{"db.system.name"};
const keys by_pool{"db.client.connection.pool.name"};
const keys by_process{"job", "instance"};

query pool_share(const keys& by) {
  return share(
      sum(series{catalog::connection_count}.where("db.client.connection.state", "=\"used\""), by),
      sum(series{catalog::connection_max}, by));
}

row at_a_glance() {
  return {
      "At a glance",
      {{.title = "Requests",
        .advice = "How much the service is asked for. A sudden fall is an incident as much as a "
                  "sudden rise.",
        .kind = panel_kind::stat,
        .targets = {{rate(requests_made), "requests"}},
        .width = 4,
        .unit = "reqps"},
       {.title = "Requests that fail",
        .advice = "Above zero: see which request under Errors, and which call failed in it under "
                  "Databases.",
        .kind = panel_kind::stat,
        .targets = {{failed_share(requests_made), "failed"}},
        .width = 4,
        .thresholds = limits(0.001, 0.01)},
       {.title = "Slowest requests",
        .advice = "p99 of all requests: one in a hundred takes longer.",
        .kind = panel_kind::stat,
        .targets = {{quantile(0.99, requests_made), "p99", true}},
        .width = 4},
       {.title = "Calls that fail",
        .advice =
            "Of databases, caches and vector stores. Retries may hide them from users for a while.",
        .kind = panel_kind::stat,
        .targets = {{failed_share(calls), "failed"}},
        .width = 4,
        .thresholds = limits(0.001, 0.01)},
       {.title = "Fullest pool",
        .advice = "The share of its connections that the fullest pool has lent, over all "
                  "processes. Above 80 % callers "
                  "soon wait: "
                  "look for who holds connections before making the pool larger.",
        .kind = panel_kind::stat,
        .targets = {{wrapped("max (", pool_share(by_pool), ")"), "in use"}},
        .width = 4,
        .thresholds = limits(0.8, 0.95)},
       {.title = "Components that are not well",
        .advice = "Components of processes whose last probes failed. Below is which, and /#health "
                  "of the live page "
                  "says why and what to do.",
        .kind = panel_kind::stat,
        .targets = {{sum(series{catalog::health_status}.where("querytap.health.status",
                                                              "=\"fail\"")),
                     "failing"}},
        .width = 4,
        .thresholds = limits(1, 2),
        .unit = "short"}}};
}

row of_requests() {
  return {"Requests",
          {{.title = "Traffic",
            .advice = "By the name of the request.",
            .targets = {shown(rate(requests_made, by_request), by_request)},
            .unit = "reqps",
            .drill_down = "requests&var-request=${__field.labels.querytap_request_name}"},
           {.title = "Errors",
            .advice = "The share that fails. Zero while nothing has failed yet.",
            .targets = {shown(failed_share(requests_made, by_request), by_request)},
            .thresholds = limits(0.001, 0.01),
            .least = 0,
            .drill_down = "requests&var-request=${__field.labels.querytap_request_name}"},
           {.title = "Latency",
            .advice = "Points are traces of single requests: click one to open it.",
            .targets = quantiles(requests_made),
            .drill_down = "requests"}}};
}

row of_backends() {
  return {"Databases, caches and vector stores",
          {{.title = "Calls",
            .advice = "Many more calls than requests: look for N+1 under Findings.",
            .targets = {shown(rate(calls, by_system), by_system)},
            .drill_down = "statements&var-system=${__field.labels.db_system_name}"},
           {.title = "Failed calls",
            .advice = "By the code of the database, or the name of the client's exception.",
            .targets = {shown(
                or_zero(rate(calls.where("error.type", "!=\"\""), {"db.system.name", "error.type"}),
                        rate(calls, by_system)),
                {"db.system.name", "error.type"})},
            .drill_down = "statements&var-system=${__field.labels.db_system_name}"},
           {.title = "Latency (p99)",
            .advice = "Slow here and not in the server's own figures: the network, or a pool.",
            .targets = {quantile_shown(0.99, calls, by_system)},
            .drill_down = "statements&var-system=${__field.labels.db_system_name}"}}};
}

row of_saturation() {
  return {
      "Saturation",
      {{.title = "Pools in use",
        .advice = "Near 100 % callers wait.",
        .targets = {shown(pool_share(by_pool), by_pool)},
        .thresholds = limits(0.8, 0.95),
        .least = 0,
        .most = 1,
        .drill_down = "pools&var-pool=${__field.labels.db_client_connection_pool_name}"},
       {.title = "Callers that wait for a connection",
        .advice = "More than a moment above zero: connections are held too long, or too few.",
        .targets = {shown(sum(series{catalog::connection_pending_requests}, by_pool), by_pool)},
        .drill_down = "pools&var-pool=${__field.labels.db_client_connection_pool_name}"},
       {.title = "Calls in flight",
        .advice = "Rising while traffic does not: something hangs. The live page lists them under "
                  "/#running.",
        .targets = {shown(sum(series{catalog::operation_active}, by_system), by_system)}},
       {.title = "Processor of the processes",
        .advice = "In processors: 1 is one that does nothing else.",
        .targets = {shown(rate(series{catalog::host::process_cpu_time}, by_process), by_process)},
        .live_view = "servers"},
       {.title = "Memory of the processes",
        .advice = "A steady rise without traffic is a leak.",
        .targets = {shown(sum(series{catalog::host::process_memory_usage}, by_process),
                          by_process)},
        .live_view = "servers"},
       {.title = "Descriptors in use",
        .advice = "At 100 % no connection can be opened.",
        .targets = {shown(share(sum(series{catalog::host::process_descriptor_count}, by_process),
                                sum(series{catalog::host::process_descriptor_limit}, by_process)),
                          by_process)},
        .thresholds = limits(0.7, 0.9),
        .least = 0,
        .live_view = "servers"}}};
}

row of_causes() {
  return {"Health and findings",
          {{.title = "Components",
            .advice = "Red: its probes fail, in at least one process.",
            .kind = panel_kind::states,
            .targets = {shown(sum(series{catalog::health_status}.where("querytap.health.status",
                                                                       "=~\"fail|warn\""),
                                  {"querytap.component"}),
                              {"querytap.component"})},
            .width = 12,
            .thresholds = {{"green", {}}, {"red", 1}},
            .unit = "short"},
           {.title = "Findings",
            .advice = "An hour, at the rate of each moment: what the library found by itself, such "
                      "as N+1 or a missing index. The line, the "
                      "statement and the "
                      "advice are on the live page, under /#findings.",
            .kind = panel_kind::bars,
            .targets = {shown(
                times(rate(series{catalog::finding_count}, {"querytap.finding.kind"}), "3600"),
                {"querytap.finding.kind"})},
            .width = 12,
            .is_stacked = true,
            .drill_down = "statements"}}};
}

row of_processes() {
  return {"Processes",
          {instances("overview", {{rate(requests_made, by_process), "requests/s"},
                                  {failed_share(requests_made, by_process), "requests that fail"},
                                  {quantile(0.99, requests_made, by_process), "p99 of requests"},
                                  {rate(calls, by_process), "calls/s"},
                                  {failed_share(calls, by_process), "calls that fail"},
                                  {quantile(0.99, calls, by_process), "p99 of calls"}})}};
}

}  // namespace

dashboard overview() {
  return {.file = "overview",
          .title = "Overview",
          .description =
              "Is the service well, and where to look if it is not: traffic, errors, latency, "
              "saturation.",
          .rows = {at_a_glance(), of_requests(), of_backends(), of_saturation(), of_causes(),
                   of_processes()}};
}

}  // namespace ops
