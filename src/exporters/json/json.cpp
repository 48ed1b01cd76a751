#include <querytap/exporters/json/json.hpp>

#include "json_values.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>
#include <querytap/snapshot/snapshot_history.hpp>

#include <memory>
#include <vector>

namespace querytap {
namespace detail {
namespace {

json buckets_of(const histogram_data& data) {
  json buckets = json::array();
  const auto bounds = data.layout().bounds();
  const auto counts = data.explicit_counts();
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    buckets.push_back(
        json::array({i == bounds.size() ? json(nullptr) : json(bounds[i]), counts[i]}));
  }
  return buckets;
}

json exemplar_json(const exemplar& exemplar, const histogram_data& data) {
  return {{"value", data.to_unit(exemplar.value)},
          {"time", time_text(exemplar.time)},
          {"trace_id", trace_id_text(exemplar.trace)},
          {"span_id", span_id_text(exemplar.trace)}};
}

void add_histogram(json& object, const histogram_data& data) {
  object["count"] = data.count();
  object["sum"] = data.to_unit(data.sum());
  object["min"] = data.to_unit(data.min());
  object["max"] = data.to_unit(data.max());
  object["p50"] = data.quantile(0.5);
  object["p95"] = data.quantile(0.95);
  object["p99"] = data.quantile(0.99);
  object["buckets"] = buckets_of(data);
  for (const exemplar& exemplar : data.exemplars()) {
    object["exemplars"].push_back(exemplar_json(exemplar, data));
  }
}

json point_json(const point& p) {
  json object{{"attributes", json_of(p.series->labels)}};
  if (p.statement != nullptr) object["statement"] = json_of(*p.statement);
  if (p.histogram != nullptr) {
    add_histogram(object, *p.histogram);
  } else if (p.series->instrument->recorded_per_unit() == 1) {
    object["value"] = p.number;
  } else {
    object["value"] = static_cast<double>(p.number) / p.series->instrument->recorded_per_unit();
  }
  return object;
}

json metric_json(const metric& metric) {
  json points = json::array();
  for (const point& p : metric.points) points.push_back(point_json(p));
  return {{"name", metric.instrument->name},
          {"unit", metric.instrument->unit},
          {"kind", to_string(metric.instrument->kind)},
          {"description", metric.instrument->description},
          {"prometheus", prometheus_name(*metric.instrument)},
          {"points", std::move(points)}};
}

json active_json(const active_call& call) {
  json object{{"attributes", json_of(call.series->labels)}};
  if (call.statement != nullptr) object["statement"] = json_of(*call.statement);
  object["seconds"] = seconds_of(call.age);
  return object;
}

json active_request_json(const active_request& request) {
  return {{"name", request.name}, {"seconds", seconds_of(request.age)}};
}

template <class Record>
json record_list(const std::vector<std::shared_ptr<const Record>>& records) {
  json list = json::array();
  for (const auto& record : records) list.push_back(json_of(*record));
  return list;
}

// Of the metrics that are differences: the others are as of now in all windows.
json window_json(const recent_window& window) {
  json metrics = json::array();
  for (const auto& metric : window.recorded.metrics) {
    const instrument_kind kind = metric->instrument->kind;
    if (kind == instrument_kind::histogram || kind == instrument_kind::counter)
      metrics.push_back(metric_json(*metric));
  }
  return {{"window", window.name},
          {"start", time_text(window.recorded.start)},
          {"seconds", seconds_of(window.recorded.span)},
          {"metrics", std::move(metrics)}};
}

json snapshot_json(const snapshot& snapshot) {
  json metrics = json::array();
  for (const auto& metric : snapshot.metrics) metrics.push_back(metric_json(*metric));
  json active = json::array();
  for (const active_call& call : snapshot.active) active.push_back(active_json(call));
  json active_requests = json::array();
  for (const active_request& request : snapshot.active_requests) {
    active_requests.push_back(active_request_json(request));
  }
  json pools = json::array();
  for (const pool_report& pool : snapshot.pools) pools.push_back(json_of(pool));
  json object{{"resource", json_of(snapshot.resource)},
              {"start", time_text(snapshot.start)},
              {"time", time_text(snapshot.time)},
              {"metrics", std::move(metrics)},
              {"active", std::move(active)},
              {"active_requests", std::move(active_requests)},
              {"pools", std::move(pools)},
              {"slow", record_list(snapshot.call_reports)},
              {"requests", record_list(snapshot.requests)},
              {"findings", record_list(snapshot.findings)},
              {"sources", record_list(snapshot.sources)}};
  for (const recent_window& window : recent_windows(snapshot)) {
    object["recent"].push_back(window_json(window));
  }
  return object;
}

}  // namespace
}  // namespace detail

std::string to_json(const snapshot& snapshot) {
  return detail::json_line(detail::snapshot_json(snapshot));
}

}  // namespace querytap
