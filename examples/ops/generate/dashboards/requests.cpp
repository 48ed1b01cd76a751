#include "dashboards.hpp"
#include "panels.hpp"

#include <querytap/snapshot/catalog.hpp>

namespace ops {
namespace {

namespace catalog = querytap::catalog;

const series all{catalog::request_duration};
const keys by_request{"querytap.request.name"};
const keys by_backend{"querytap.request.name", "db.system.name"};
const keys by_stage{"querytap.stage", "querytap.strategy"};
const keys by_search{"db.system.name", "querytap.strategy"};
const keys by_component{"querytap.component"};
const keys by_stream{"querytap.stream"};
const std::string no_component =
    "the service measures no component of its own (querytap::component)";
const std::string no_stream = "the service measures no stream (querytap::stream)";

row of_requests() {
  return {"Requests",
          {{.title = "Traffic",
            .advice = "By the name of the request.",
            .targets = {shown(rate(all, by_request), by_request)},
            .unit = "reqps"},
           {.title = "Errors",
            .advice = "The share that fails.",
            .targets = {shown(failed_share(all, by_request), by_request)},
            .thresholds = limits(0.001, 0.01),
            .least = 0},
           {.title = "Latency",
            .advice = "Points are traces of single requests: click one to open it.",
            .targets = quantiles(all)},
           {.title = "Failed requests",
            .advice = "By the error that ended them.",
            .targets = {shown(or_zero(rate(all.where("error.type", "!=\"\""),
                                           {"querytap.request.name", "error.type"}),
                                      rate(all, by_request)),
                              {"querytap.request.name", "error.type"})}},
           {.title = "Distribution",
            .advice = "Choose one request above. A second band far up is what p99 hides.",
            .kind = panel_kind::heat_map,
            .targets = {{buckets(all), "{{le}}"}},
            .width = 16}}};
}

row of_time() {
  return {
      "Where the time goes",
      {{.title = "Backends",
        .advice = "In seconds per second. What is missing to the requests' own time is the "
                  "application's.",
        .targets = {shown(sum_rate(series{catalog::request_backend_duration}, by_backend),
                          by_backend),
                    shown(sum_rate(all, by_request), by_request, "all of")}},
       {.title = "Time of one request in a backend (p95)",
        .advice = "The backend with the largest is where to begin.",
        .targets = {quantile_shown(0.95, series{catalog::request_backend_duration}, by_backend)}},
       {.title = "Calls of one request (p95)",
        .advice = "Dozens: N+1. The live page shows the waterfall under /#requests.",
        .targets = {quantile_shown(0.95, series{catalog::request_operations}, by_backend)}}}};
}

row of_stages() {
  return {"Retrieval: stages",
          {{.title = "Stages (p95)",
            .advice = "From the question to the answer.",
            .targets = {quantile_shown(0.95, series{catalog::rag_stage_duration}, by_stage)}},
           {.title = "Failed stages",
            .advice = "By the error that ended them.",
            .targets = {shown(
                or_zero(rate(series{catalog::rag_stage_duration}.where("error.type", "!=\"\""),
                             {"querytap.stage", "querytap.strategy", "error.type"}),
                        rate(series{catalog::rag_stage_duration}, by_stage)),
                {"querytap.stage", "querytap.strategy", "error.type"})}},
           {.title = "Passages of a stage (mean)",
            .advice = "A stage that hands on nothing leaves the answer to the model's imagination.",
            .targets = {shown(mean(series{catalog::rag_stage_results}, by_stage), by_stage)}}}};
}

row of_quality() {
  return {
      "Retrieval: quality",
      {{.title = "Searches that find nothing",
        .advice = "Above a few percent: a filter is too narrow, or the index lacks documents.",
        .targets = {shown(share(rate(series{catalog::retrieval_empty}, by_search),
                                rate(series{catalog::retrieval_asked}, by_search)),
                          by_search)},
        .thresholds = limits(0.02, 0.1),
        .least = 0},
       {.title = "Asked for and found (mean)",
        .advice = "Fewer than asked for: see the reasons beside.",
        .targets = {shown(mean(series{catalog::retrieval_asked}, by_search), by_search, "asked"),
                    shown(mean(series{catalog::retrieval_returned}, by_search), by_search,
                          "found")}},
       {.title = "Why fewer are found",
        .advice = "`filter` and an approximate index together return too few: raise what the index "
                  "searches.",
        .targets = {shown(rate(series{catalog::retrieval_under_return},
                               {"db.system.name", "querytap.strategy", "querytap.reason"}),
                          {"db.system.name", "querytap.strategy", "querytap.reason"})}},
       {.title = "Distance of what is found (p50)",
        .advice = "A step up: other questions, another embedding model, or an index that was not "
                  "rebuilt.",
        .targets = {shown(quantile(0.5, series{catalog::retrieval_distance}, by_search),
                          by_search)}},
       {.title = "Lead of the first result (p50)",
        .advice = "Near zero: the results are as good as one another, and none stands out.",
        .targets = {shown(quantile(0.5, series{catalog::retrieval_score_margin}, by_search),
                          by_search)}},
       {.title = "Same results for the same question (p50)",
        .advice = "1 is as it should be while documents do not change.",
        .targets = {shown(quantile(0.5, series{catalog::retrieval_stability}, by_search),
                          by_search)},
        .least = 0,
        .most = 1},
       {.title = "Age of the newest source (p50)",
        .advice = "Rises without end when documents are no longer taken in.",
        .targets = {shown(quantile(0.5, series{catalog::retrieval_source_age}, by_search),
                          by_search)},
        .empty_because = "the service does not say how old its documents are"},
       {.title = "Duplicates",
        .advice = "Results that repeat another one take its place: remove them when documents are "
                  "taken in.",
        .targets = {shown(rate(series{catalog::retrieval_duplicates}, by_search), by_search)}},
       {.title = "Quality by the components themselves (p50)",
        .advice = "As the application values its own work.",
        .targets = {shown(quantile(0.5, series{catalog::component_quality}, by_component),
                          by_component)},
        .least = 0,
        .most = 1,
        .empty_because = no_component}}};
}

row of_own_work() {
  return {
      "The application's own work",
      {{.title = "Components (p95)",
        .advice = "Parsing, ranking, checking: what is no call of a backend.",
        .targets = {quantile_shown(0.95, series{catalog::component_duration}, by_component)},
        .empty_because = no_component},
       {.title = "Streams: time to the first message (p95)",
        .advice = "How long users look at nothing.",
        .targets = {quantile_shown(0.95, series{catalog::stream_time_to_first_message}, by_stream)},
        .empty_because = no_stream},
       {.title = "Streams: gap between messages (p95)",
        .advice = "Above half a second an answer seems to hang.",
        .targets = {quantile_shown(0.95, series{catalog::stream_message_gap}, by_stream)},
        .empty_because = no_stream}}};
}

row of_processes() {
  const keys by{"job", "instance"};
  return {"Processes",
          {instances("requests", {{rate(all, by), "requests/s"},
                                  {failed_share(all, by), "requests that fail"},
                                  {quantile(0.5, all, by), "p50"},
                                  {quantile(0.99, all, by), "p99"}})}};
}

}  // namespace

dashboard requests() {
  return {
      .file = "requests",
      .title = "Requests and retrieval",
      .description =
          "What one request does, where its time goes, and whether it finds what it looks for.",
      .rows = {of_requests(), of_time(), of_stages(), of_quality(), of_own_work(), of_processes()}};
}

}  // namespace ops
