#include <querytap/exporters/json.hpp>
#include <querytap/exporters/prometheus_name.hpp>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <chrono>

namespace querytap {
namespace {

// Keeps the keys in the order in which they are documented.
using json = nlohmann::ordered_json;

std::string text_of(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(seconds), milliseconds);
}

json json_of(const attributes& set) {
  json object = json::object();
  for (const attribute& item : set) {
    std::visit([&](const auto& value) { object[item.key] = value; }, item.value);
  }
  return object;
}

json json_of(const statement_identity& statement) {
  return {{"fingerprint", fmt::format("{:016x}", statement.fingerprint)},
          {"text", statement.text},
          {"summary", statement.summary}};
}

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
          {"time", text_of(one.time)},
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
  json object{{"attributes", json_of(p.series->where)}};
  if (p.statement != nullptr) object["statement"] = json_of(*p.statement);
  if (p.histogram != nullptr) {
    add_histogram(object, *p.histogram);
  } else if (p.series->what->recorded_per_unit() == 1) {
    object["value"] = p.number;
  } else {
    object["value"] = static_cast<double>(p.number) / p.series->what->recorded_per_unit();
  }
  return object;
}

json json_of(const metric& of) {
  json points = json::array();
  for (const point& p : of.points) points.push_back(json_of(p));
  return {{"name", of.what->name},
          {"unit", of.what->unit},
          {"kind", to_string(of.what->kind)},
          {"description", of.what->description},
          {"prometheus", prometheus_name(*of.what)},
          {"points", std::move(points)}};
}

json json_of(const active_operation& one) {
  json object{{"attributes", json_of(one.series->where)}};
  if (one.statement != nullptr) object["statement"] = json_of(*one.statement);
  object["seconds"] = std::chrono::duration<double>{one.age}.count();
  return object;
}

}  // namespace

std::string to_json(const snapshot& from) {
  json metrics = json::array();
  for (const auto& one : from.metrics) metrics.push_back(json_of(*one));
  json active = json::array();
  for (const active_operation& one : from.active) active.push_back(json_of(one));
  const json document{{"resource", json_of(from.resource)},
                      {"start", text_of(from.start)},
                      {"time", text_of(from.time)},
                      {"metrics", std::move(metrics)},
                      {"active", std::move(active)}};
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace querytap
