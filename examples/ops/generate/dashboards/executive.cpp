#include "dashboards.hpp"
#include "panels.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/catalog.hpp>

namespace ops {
namespace {

namespace catalog = querytap::catalog;
namespace gen_ai = querytap::catalog::gen_ai;

const series all{catalog::request_duration};
const std::string whole_range = "$__range";

query availability(const std::string& range) {
  const query succeeded = rate(all.where("error.type", "=\"\""), {}, range);
  return share(succeeded, rate(all, {}, range));
}

query budget_left() {
  return wrapped("1 - (1 - (", availability(whole_range), ")) / (1 - $target)");
}

query in_time(const std::string& range, const keys& by = {}) {
  return share(rate_within("$objective", all.where("error.type", "=\"\""), by, range),
               rate(all, by, range));
}

query dollars_per_request(const std::string& range) {
  return with_unit(share(rate(series{gen_ai::cost}, {}, range), rate(all, {}, range)),
                   "currencyUSD");
}

row of_range() {
  return {"The chosen time as a whole",
          {{.title = "Availability",
            .advice = "The share of requests that did not fail.",
            .kind = panel_kind::stat,
            .targets = {{availability(whole_range), "available"}},
            .width = 4,
            .thresholds = goals(0.99, 0.999),
            .decimals = 3,
            .is_over_range = true},
           {.title = "Error budget left",
            .advice = "Of what the availability target above allows to fail. Below zero: "
                      "reliability before features.",
            .kind = panel_kind::stat,
            .targets = {{budget_left(), "left"}},
            .width = 4,
            .thresholds = goals(0, 0.25),
            .decimals = 1,
            .is_over_range = true},
           {.title = "Answered in time",
            .advice = "The share of requests that succeeded within the latency objective above.",
            .kind = panel_kind::stat,
            .targets = {{in_time(whole_range), "in time"}},
            .width = 4,
            .thresholds = goals(0.95, 0.99),
            .decimals = 2,
            .is_over_range = true},
           {.title = "Requests a day",
            .advice = "The mean of the chosen time.",
            .kind = panel_kind::stat,
            .targets = {{with_unit(times(rate(all, {}, whole_range), "86400"), "short"), "a day"}},
            .width = 4,
            .is_over_range = true},
           {.title = "Cost of a request",
            .advice = "Of models, by the prices that the application was given.",
            .kind = panel_kind::stat,
            .targets = {{dollars_per_request(whole_range), "a request"}},
            .width = 4,
            .decimals = 6,
            .is_over_range = true},
           {.title = "Cost a day",
            .advice = "Of models; the mean of the chosen time.",
            .kind = panel_kind::stat,
            .targets = {{times(rate(series{gen_ai::cost}, {}, whole_range), "86400"), "a day"}},
            .width = 4,
            .is_over_range = true}}};
}

row of_trends() {
  const std::string step = "$__rate_interval";
  return {
      "Over time",
      {{.title = "Availability",
        .advice = "Marks are deployments and findings.",
        .targets = {{availability(step), "available"}},
        .width = 12,
        .thresholds = goals(0.99, 0.999),
        .most = 1},
       {.title = "Answered in time",
        .advice = "Within the latency objective above, and without an error.",
        .targets = {{in_time(step), "in time"}},
        .width = 12,
        .most = 1},
       {.title = "Requests",
        .advice = "By the name of the request.",
        .targets = {shown(rate(all, {"querytap.request.name"}), {"querytap.request.name"})},
        .width = 12,
        .is_stacked = true,
        .unit = "reqps"},
       {.title = "Cost of a request",
        .advice = "Of models.",
        .targets = {{dollars_per_request(step), "a request"}},
        .width = 12},
       {.title = "Cost a day by tenant",
        .advice = "At the rate of each moment.",
        .targets = {shown(times(rate(series{gen_ai::cost}, {"querytap.tenant"}), "86400"),
                          {"querytap.tenant"})},
        .width = 12,
        .is_stacked = true},
       {.title = "Latency", .advice = "Of all requests.", .targets = quantiles(all), .width = 12}}};
}

}  // namespace

dashboard executive() {
  return {.file = "executive",
          .title = "Executive",
          .description =
              "Availability, latency objective and cost, for those who do not look at databases.",
          .range = "now-30d",
          .refresh = "15m",
          .is_recorded = true,
          .rows = {of_range(), of_trends()}};
}

}  // namespace ops
