#include "dashboards.hpp"
#include "panels.hpp"

#include <querytap/snapshot/catalog.hpp>

namespace ops {
namespace {

namespace catalog = querytap::catalog;

const keys by_pool{"db.client.connection.pool.name"};
const keys by_process{"job", "instance", "db.client.connection.pool.name"};

query used_share(const keys& by) {
  return share(
      sum(series{catalog::connection_count}.where("db.client.connection.state", "=\"used\""), by),
      sum(series{catalog::connection_max}, by));
}

row of_saturation() {
  return {
      "Saturation",
      {{.title = "In use",
        .advice = "Above 80 % for long: find who holds connections (use time below, /#pools of the "
                  "live page) before "
                  "making the pool larger. The server's own limit is on the dashboard of servers.",
        .targets = {shown(used_share(by_pool), by_pool)},
        .thresholds = limits(0.8, 0.95),
        .least = 0,
        .most = 1},
       {.title = "Callers that wait",
        .advice = "Above zero for more than a moment: requests are slow because of the pool, not "
                  "of the database.",
        .targets = {shown(sum(series{catalog::connection_pending_requests}, by_pool), by_pool)}},
       {.title = "Connections",
        .advice = "Used and idle, of all processes together: what the server sees of them.",
        .targets = {shown(sum(series{catalog::connection_count},
                              {"db.client.connection.pool.name", "db.client.connection.state"}),
                          {"db.client.connection.pool.name", "db.client.connection.state"})},
        .is_stacked = true}}};
}

row of_errors() {
  return {
      "Errors",
      {{.title = "Callers that gave up",
        .advice = "Each of them is a failed request.",
        .targets = {shown(rate(series{catalog::connection_timeouts}, by_pool), by_pool)},
        .thresholds = limits(0.01, 1)},
       {.title = "Leaks",
        .advice = "Lent for too long. What came back late is below zero; what never comes back is "
                  "lost to the pool: "
                  "the live page names the line that borrowed it.",
        .targets = {shown(rate(series{catalog::pool_leaks}, by_pool), by_pool, "lent for too long"),
                    shown(times(rate(series{catalog::pool_unleaks}, by_pool), "-1"), by_pool,
                          "came back")}},
       {.title = "Replaced connections",
        .advice = "Clients that reconnected by themselves: a server or a proxy that closes idle "
                  "connections.",
        .targets = {shown(rate(series{catalog::connection_reconnects}, {"db.system.name"}),
                          {"db.system.name"})},
        .empty_because = "no client has reconnected by itself since it was started"}}};
}

row of_latency() {
  return {
      "Latency",
      {{.title = "Waiting for a connection (p99)",
        .advice = "Part of each request's time. A millisecond is much.",
        .targets = {quantile_shown(0.99, series{catalog::connection_wait_time}, by_pool)}},
       {.title = "Holding a connection (p99)",
        .advice = "Far longer than the statements take: connections are held during other work.",
        .targets = {quantile_shown(0.99, series{catalog::connection_use_time}, by_pool)}},
       {.title = "Opening a connection (p99)",
        .advice = "Slow and frequent: raise the fewest idle connections.",
        .targets = {quantile_shown(0.99, series{catalog::connection_create_time}, by_pool)}},
       {.title = "Connections opened",
        .advice = "A steady rate means that connections do not live long enough to be of use.",
        .targets = {shown(rate(series{catalog::connection_create_time}, by_pool), by_pool)}},
       {.title = "What waiting is made of",
        .advice =
            "In seconds per second: a place in the pool, a new connection, or its validation.",
        .targets = {shown(sum_rate(series{catalog::pool_phase_duration},
                                   {"db.client.connection.pool.name", "querytap.phase"}),
                          {"db.client.connection.pool.name", "querytap.phase"})},
        .is_stacked = true},
       {.title = "Distribution of waiting",
        .advice = "Choose one pool above.",
        .kind = panel_kind::heat_map,
        .targets = {{buckets(series{catalog::connection_wait_time}), "{{le}}"}}}}};
}

row of_processes() {
  return {"Processes",
          {instances("pools",
                     {{used_share(by_process), "in use"},
                      {sum(series{catalog::connection_max}, by_process), "most"},
                      {sum(series{catalog::connection_pending_requests}, by_process), "waiting"},
                      {quantile(0.99, series{catalog::connection_wait_time}, by_process),
                       "p99 of waiting"},
                      {rate(series{catalog::connection_timeouts}, by_process), "gave up/s"}})}};
}

}  // namespace

dashboard pools() {
  return {.file = "pools",
          .title = "Pools",
          .description = "Whether callers wait for connections, and who holds them.",
          .rows = {of_saturation(), of_errors(), of_latency(), of_processes()}};
}

}  // namespace ops
