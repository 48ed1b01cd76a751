#include "dashboards.hpp"
#include "panels.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <exporters/prometheus/exposition_metrics.hpp>

namespace ops {
namespace {

namespace catalog = querytap::catalog;

const keys by_process{"job", "instance"};
const keys by_component{"otel.component.type", "otel.component.name"};
const std::string no_otlp = "the service is scraped and sends no OTLP";

row of_loss() {
  return {"What is lost",
          {{.title = "Dropped records",
            .advice = "Above zero the numbers of all dashboards are too low: raise the limit that "
                      "the reason names.",
            .targets = {shown(rate(series{catalog::dropped}, {"querytap.reason"}),
                              {"querytap.reason"})},
            .thresholds = limits(0.001, 1)},
           {.title = "Series past their limit",
            .advice = "They count in one series together. The attribute has too many values: name "
                      "requests by their "
                      "route, not by their path.",
            .targets = {shown(
                rate(series{catalog::overflow}, {"querytap.instrument", "querytap.attribute"}),
                {"querytap.instrument", "querytap.attribute"})},
            .thresholds = limits(0.001, 1),
            .empty_because = "no instrument has reached its limit of series"},
           {.title = "Lines that no file took",
            .advice = "The disk is full, or the file is gone.",
            .targets = {shown(rate(series{catalog::file_dropped}, {"querytap.reason"}),
                              {"querytap.reason"})},
            .thresholds = limits(0.001, 1),
            .empty_because = "the service writes no files of reports"}}};
}

row of_size() {
  return {"What it holds",
          {{.title = "Series",
            .advice = "Bound, by instrument: each is some 0.5 KiB for each thread that uses it.",
            .targets = {shown(top(10, sum(series{catalog::series}, {"querytap.instrument"})),
                              {"querytap.instrument"})},
            .is_stacked = true},
           {.title = "Memory",
            .advice = "Of the recorder, by part, all processes together.",
            .targets = {shown(sum(series{catalog::memory_usage}, {"querytap.part"}),
                              {"querytap.part"})},
            .is_stacked = true},
           {.title = "Lanes",
            .advice = "As many as threads ever recorded at once.",
            .targets = {shown(sum(series{catalog::lanes}, by_process), by_process)},
            .live_view = "library"}}};
}

row of_scrapes() {
  return {
      "What it costs to be read",
      {{.title = "Collecting (p99)",
        .advice = "Holds up no thread that records.",
        .targets = {{quantile(0.99, series{catalog::collect_duration}), "p99", true}}},
       {.title = "Scrapes (p99)",
        .advice = "Far above 100 ms: fewer series, or a longer interval.",
        .targets = {quantile_shown(0.99, series{catalog::scrape_duration}, {"querytap.format"})}},
       {.title = "Size of a scrape (mean)",
        .advice = "Before compression.",
        .targets = {shown(mean(series{catalog::scrape_size}, {"querytap.format"}),
                          {"querytap.format"})}},
       {.title = "Renamed series",
        .advice = "Their names or labels would be another one's: the instrument should be named "
                  "differently.",
        .targets = {shown(sum(series{catalog::scrape_renamed}, {"querytap.instrument"}),
                          {"querytap.instrument"})},
        .empty_because = "no name collides with another"},
       {.title = "Age of what servers said",
        .advice = "Rises without end when a server is no longer asked, or no longer answers.",
        .targets = {shown(highest(series{catalog::source_age}, {"querytap.source"}),
                          {"querytap.source"})}},
       {.title = "Requests without a report of their own",
        .advice = "They repeat what others have reported.",
        .targets = {{rate(series{catalog::request_left_out}), "left out"}}}}};
}

row of_otlp() {
  return {
      "OTLP",
      {{.title = "Data points exported",
        .advice = "By success or failure.",
        .targets = {shown(rate(series{catalog::exporter_data_point_exported},
                               {"otel.component.name", "error.type"}),
                          {"otel.component.name", "error.type"})},
        .empty_because = no_otlp},
       {.title = "Exports (p99)",
        .advice = "With all retries.",
        .targets = {quantile_shown(0.99, series{catalog::exporter_operation_duration},
                                   by_component)},
        .empty_because = no_otlp},
       {.title = "Queues",
        .advice = "Full at 100 %: what comes then is dropped and counted.",
        .targets = {shown(share(sum(series{catalog::processor_log_queue_size}, by_component),
                                sum(series{catalog::processor_log_queue_capacity}, by_component)),
                          by_component, "logs"),
                    shown(share(sum(series{catalog::processor_span_queue_size}, by_component),
                                sum(series{catalog::processor_span_queue_capacity}, by_component)),
                          by_component, "spans")},
        .thresholds = limits(0.5, 0.9),
        .least = 0,
        .most = 1,
        .empty_because = no_otlp}}};
}

row of_processes() {
  const series version{querytap::detail::target_info};
  return {"Processes",
          {instances("library", {{sum(series{catalog::lanes}, by_process), "lanes"},
                                 {sum(series{catalog::memory_usage}, by_process), "memory"},
                                 {sum(series{catalog::series}, by_process), "series"},
                                 {rate(series{catalog::dropped}, by_process), "dropped/s"}}),
           {.title = "Services",
            .advice = "The resources of the processes: which service and version they are.",
            .kind = panel_kind::table,
            .targets = {{sum(version, {"job", "instance", "service.name", "service.version"}),
                         "processes"}},
            .width = 24,
            .live_view = "library"}}};
}

}  // namespace

dashboard library() {
  return {
      .file = "library",
      .title = "Library",
      .description = "Whether the instrumentation itself is well: what it loses, holds and costs.",
      .rows = {of_loss(), of_size(), of_scrapes(), of_otlp(), of_processes()}};
}

}  // namespace ops
