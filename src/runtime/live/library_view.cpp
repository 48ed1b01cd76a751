#include "view_data.hpp"

#include <querytap/snapshot/snapshot_history.hpp>

#include <algorithm>
#include <string_view>

namespace querytap::detail {
namespace {

bool is_of_library(const instrument& instrument) {
  for (const std::string_view prefix :
       {"querytap.lanes", "querytap.series", "querytap.memory", "querytap.overflow",
        "querytap.dropped", "querytap.collect", "querytap.scrape", "querytap.file",
        "querytap.request.left_out", "querytap.statement_cache", "otel.sdk"}) {
    if (instrument.name.starts_with(prefix)) return true;
  }
  return false;
}

json json_of_point(const point& p) {
  json object{{"attributes", json_of(p.series->labels)}};
  if (p.histogram == nullptr) {
    object["value"] =
        short_number(static_cast<double>(p.number) / p.series->instrument->recorded_per_unit());
    return object;
  }
  object["count"] = p.histogram->count();
  object["p50"] = short_number(p.histogram->quantile(0.5));
  object["p99"] = short_number(p.histogram->quantile(0.99));
  object["max"] = short_number(p.histogram->to_unit(p.histogram->max()));
  return object;
}

}  // namespace

json library_view(const view_query& /*asked*/, view_data& shown) {
  const snapshot& current = shown.current();
  json rows = json::array();
  for (const auto& metric : current.metrics) {
    if (!is_of_library(*metric->instrument)) continue;
    for (const point& p : merge_statements(metric->points)) {
      json row = json_of_point(p);
      row["name"] = metric->instrument->name;
      row["unit"] = metric->instrument->unit;
      row["description"] = metric->instrument->description;
      rows.push_back(std::move(row));
    }
  }
  return {{"resource", json_of(current.resource)},
          {"statements", shown.window(std::chrono::seconds{0}).statements.size()},
          {"history_bytes", current.history == nullptr ? 0 : current.history->bytes()},
          {"rows", std::move(rows)}};
}

}  // namespace querytap::detail
