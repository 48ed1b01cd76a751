#include "dashboards.hpp"
#include "panels.hpp"

#include <querytap/snapshot/catalog.hpp>

namespace ops {
namespace {

namespace catalog = querytap::catalog;
namespace gen_ai = querytap::catalog::gen_ai;

const series calls{gen_ai::operation_duration};
const keys by_model{"gen_ai.provider.name", "gen_ai.request.model"};
const keys by_tenant{"querytap.tenant"};

row of_calls() {
  return {
      "Calls",
      {{.title = "Calls",
        .advice = "By provider and model.",
        .targets = {shown(rate(calls, by_model), by_model)}},
       {.title = "Calls that fail",
        .advice = "The share of each model. 429: a rate limit; see what is left of it below.",
        .targets = {shown(failed_share(calls, by_model), by_model)},
        .thresholds = limits(0.01, 0.05),
        .least = 0},
       {.title = "Failed calls",
        .advice = "By HTTP status or the name of the error.",
        .targets = {shown(or_zero(rate(calls.where("error.type", "!=\"\""),
                                       {"gen_ai.request.model", "error.type"}),
                                  rate(calls, {"gen_ai.request.model"})),
                          {"gen_ai.request.model", "error.type"})}},
       {.title = "Latency", .advice = "Until the answer is whole.", .targets = quantiles(calls)},
       {.title = "Time to the first chunk (p95)",
        .advice = "How long users look at nothing.",
        .targets = {quantile_shown(0.95, series{gen_ai::time_to_first_chunk}, by_model)}},
       {.title = "Time between chunks (p95)",
        .advice = "Above 100 ms people read faster than the model writes.",
        .targets = {quantile_shown(0.95, series{gen_ai::time_per_output_chunk}, by_model)}}}};
}

row of_answers() {
  return {
      "Answers",
      {{.title = "How answers end",
        .advice =
            "`length`: cut off at the limit of tokens. `content_filter`: withheld by the provider.",
        .targets = {shown(
            rate(series{gen_ai::answers}, {"gen_ai.request.model", "querytap.result"}),
            {"gen_ai.request.model", "querytap.result"})},
        .is_stacked = true},
       {.title = "Calls of tools",
        .advice = "That models asked for.",
        .targets = {shown(rate(series{gen_ai::tool_calls}, by_model), by_model)},
        .empty_because = "no model has asked for a tool since the process was started"},
       {.title = "Streams without an end",
        .advice = "Whole answers whose stream lacked its last message: a proxy that cuts streams.",
        .targets = {shown(rate(series{gen_ai::unended_streams}, by_model), by_model)},
        .empty_because = "every stream has ended as it should"}}};
}

row of_tokens() {
  const keys by{"gen_ai.request.model", "gen_ai.token.type"};
  return {
      "Tokens",
      {{.title = "Tokens per second",
        .advice = "Input rises with the passages in the prompt, output with the length of answers.",
        .targets = {shown(sum_rate(series{gen_ai::token_usage}, by), by)},
        .is_stacked = true,
        .unit = "short"},
       {.title = "Tokens of a call (mean)",
        .advice = "A step up in input: the prompt has grown, and so has the bill.",
        .targets = {shown(mean(series{gen_ai::token_usage}, by), by)}},
       {.title = "Estimated tokens",
        .advice = "Of endpoints that report none: their cost is an estimate too.",
        .targets = {shown(rate(series{gen_ai::estimated_tokens}, by), by)},
        .empty_because = "every endpoint has reported its tokens"}}};
}

row of_cost() {
  const query per_second = rate(series{gen_ai::cost});
  return {"Cost",
          {{.title = "Dollars per hour",
            .advice = "By the prices that the application was given.",
            .targets = {shown(times(rate(series{gen_ai::cost}, by_model), "3600"), by_model)},
            .is_stacked = true},
           {.title = "Dollars per hour by tenant",
            .advice = "Who pays, or should.",
            .targets = {shown(times(rate(series{gen_ai::cost}, by_tenant), "3600"), by_tenant)},
            .is_stacked = true},
           {.title = "Dollars for a thousand requests",
            .advice = "Of the service's requests, those without a model included.",
            .targets = {{with_unit(times(share(per_second, rate(series{catalog::request_duration})),
                                         "1000"),
                                   "currencyUSD"),
                         "a thousand requests"}}},
           {.title = "Budgets",
            .advice = "The share that a tenant has spent in the period of its budget, by the "
                      "process that knows of most. "
                      "Past 100 % it gets no answers.",
            .kind = panel_kind::bar_gauge,
            .targets = {shown(share(highest(series{gen_ai::budget_spent}, by_tenant),
                                    highest(series{gen_ai::budget_limit}, by_tenant)),
                              by_tenant)},
            .thresholds = limits(0.8, 1),
            .least = 0,
            .most = 1},
           {.title = "Calls without a price",
            .advice = "Their cost is missing above: add the model to the file of prices.",
            .targets = {shown(rate(series{gen_ai::not_priced}, by_model), by_model)},
            .thresholds = limits(0.001, 1),
            .empty_because = "every call has had a price"},
           {.title = "Age of the file of prices",
            .advice = "Providers change their prices several times a year.",
            .kind = panel_kind::stat,
            .targets = {{wrapped("time() - ", lowest(series{gen_ai::price_file_timestamp}), ""),
                         "age"}},
            .thresholds = limits(7776000, 15552000)}}};
}

row of_saturation() {
  return {"Limits",
          {{.title = "What is left of rate limits",
            .advice = "Below 10 % the provider soon answers 429: spread the load, or ask for more.",
            .targets = {shown(lowest(series{gen_ai::rate_limit_remaining},
                                     {"gen_ai.request.model", "querytap.limit"}),
                              {"gen_ai.request.model", "querytap.limit"})},
            .thresholds = goals(0.1, 0.3),
            .least = 0,
            .most = 1,
            .empty_because = "the endpoint sends no headers of rate limits"},
           {.title = "The provider's own share of the latency (p95)",
            .advice = "As it says itself: the rest is the network, and waiting here.",
            .targets = {quantile_shown(0.95, series{gen_ai::server_duration}, by_model)},
            .empty_because = "the endpoint does not say how long it worked"},
           {.title = "Texts of one call that embeds (mean)",
            .advice = "One at a time is slow and dear: embed in batches.",
            .targets = {{mean(series{gen_ai::embedding_inputs}), "texts"}},
            .empty_because = "the service embeds without a model's endpoint"}}};
}

row of_processes() {
  const keys by{"job", "instance"};
  return {"Processes",
          {instances("overview",
                     {{rate(calls, by), "calls/s"},
                      {failed_share(calls, by), "calls that fail"},
                      {quantile(0.99, calls, by), "p99"},
                      {times(rate(series{gen_ai::cost}, by), "3600"), "dollars per hour"}})}};
}

}  // namespace

dashboard models() {
  return {
      .file = "models",
      .title = "Models and cost",
      .description = "How fast and how well models answer, and what it costs.",
      .rows = {of_calls(), of_answers(), of_tokens(), of_cost(), of_saturation(), of_processes()}};
}

}  // namespace ops
