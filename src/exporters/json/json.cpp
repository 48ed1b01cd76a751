#include <querytap/exporters/json/json.hpp>

#include "json_values.hpp"

#include <querytap/exporters/prometheus/prometheus_name.hpp>

#include <memory>
#include <vector>

namespace querytap {
namespace {

using detail::json;
using detail::json_of;
using detail::time_text;

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

json json_of(const exemplar& one, const histogram_data& in) {
  return {{"value", in.to_unit(one.value)},
          {"time", time_text(one.time)},
          {"trace_id", trace_id_text(one.trace)},
          {"span_id", span_id_text(one.trace)}};
}

void add_histogram(json& to, const histogram_data& data) {
  to["count"] = data.count();
  to["sum"] = data.to_unit(data.sum());
  to["min"] = data.to_unit(data.min());
  to["max"] = data.to_unit(data.max());
  to["p50"] = data.quantile(0.5);
  to["p95"] = data.quantile(0.95);
  to["p99"] = data.quantile(0.99);
  to["buckets"] = buckets_of(data);
  for (const exemplar& one : data.exemplars()) to["exemplars"].push_back(json_of(one, data));
}

json json_of(const point& p) {
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

json json_of(const metric& of) {
  json points = json::array();
  for (const point& p : of.points) points.push_back(json_of(p));
  return {{"name", of.instrument->name},
          {"unit", of.instrument->unit},
          {"kind", to_string(of.instrument->kind)},
          {"description", of.instrument->description},
          {"prometheus", prometheus_name(*of.instrument)},
          {"points", std::move(points)}};
}

json json_of(const active_call& one) {
  json object{{"attributes", json_of(one.series->labels)}};
  if (one.statement != nullptr) object["statement"] = json_of(*one.statement);
  object["seconds"] = detail::seconds_of(one.age);
  return object;
}

template <class Record>
json list_of(const std::vector<std::shared_ptr<const Record>>& records) {
  json list = json::array();
  for (const auto& one : records) list.push_back(json_of(*one));
  return list;
}

}  // namespace

std::string to_json(const snapshot& from) {
  json metrics = json::array();
  for (const auto& one : from.metrics) metrics.push_back(json_of(*one));
  json active = json::array();
  for (const active_call& one : from.active) active.push_back(json_of(one));
  const json document{{"resource", json_of(from.resource)}, {"start", time_text(from.start)},
                      {"time", time_text(from.time)},       {"metrics", std::move(metrics)},
                      {"active", std::move(active)},        {"slow", list_of(from.call_reports)},
                      {"requests", list_of(from.requests)}, {"findings", list_of(from.findings)}};
  return detail::line_of(document);
}

}  // namespace querytap
