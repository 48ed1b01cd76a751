#include "summed_calls.hpp"
#include "view_data.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <string>

namespace querytap::detail {
namespace {

constexpr std::size_t most_rows_of_overview = 5;
constexpr std::size_t most_requests_of_overview = 20;
constexpr std::chrono::hours recent_findings{1};

summed_by_name requests_by_name(const snapshot& recorded) {
  summed_by_name sums;
  for (const point& p : recorded.find(catalog::request_duration.name)) {
    const attribute_value* name = p.series->labels.find("querytap.request.name");
    if (name != nullptr) sums[to_string(*name)].add(p);
  }
  return sums;
}

// The largest total first; what was not called in the window is left out.
json list_of(const summed_by_name& sums, double seconds, std::size_t most) {
  json list = json::array();
  for (const auto& [name, sum] : sums) {
    if (!sum.durations.has_value()) continue;
    json object{{"name", name}};
    object.update(json_of_durations(*sum.durations, sum.errors, seconds));
    list.push_back(std::move(object));
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const json& a, const json& b) { return a["total"] > b["total"]; });
  if (list.size() > most) list.erase(list.begin() + static_cast<std::ptrdiff_t>(most), list.end());
  return list;
}

json lists_of(const snapshot& recorded) {
  const double seconds = seconds_of(recorded.span);
  return {{"systems", list_of(calls_by_system(recorded), seconds, SIZE_MAX)},
          {"requests", list_of(requests_by_name(recorded), seconds, most_requests_of_overview)}};
}

// A row of nulls for each line, filled where something happened.
json empty_lines(const std::vector<std::string>& names, std::initializer_list<const char*> values,
                 std::size_t moments) {
  json lines = json::array();
  for (const std::string& name : names) {
    json line{{"name", name}};
    for (const char* value : values) line[value] = json::array_t(moments, nullptr);
    lines.push_back(std::move(line));
  }
  return lines;
}

json lines_of(const timeline& lines) {
  const auto& moments = lines.moments();
  json times = json::array();
  json systems =
      empty_lines(lines.systems(), {"calls", "errors", "p50", "p95", "p99"}, moments.size());
  json pools = empty_lines(lines.pools(), {"used", "waiting"}, moments.size());
  for (std::size_t i = 0; i < moments.size(); ++i) {
    times.push_back(
        std::chrono::duration_cast<std::chrono::milliseconds>(moments[i].end.time_since_epoch())
            .count());
    for (const timeline::system_moment& at : moments[i].systems) {
      json& line = systems[at.system];
      line["calls"][i] = short_number(at.calls);
      line["errors"][i] = short_number(at.errors);
      line["p50"][i] = short_number(at.p50);
      line["p95"][i] = short_number(at.p95);
      line["p99"][i] = short_number(at.p99);
    }
    for (const timeline::pool_moment& at : moments[i].pools) {
      pools[at.pool]["used"][i] = at.used;
      pools[at.pool]["waiting"][i] = at.waiting;
    }
  }
  return {
      {"times", std::move(times)}, {"systems", std::move(systems)}, {"pools", std::move(pools)}};
}

json findings_of_last_hour(const snapshot& current) {
  json list = json::array();
  for (const auto& found : current.findings) {
    if (current.time - found->time > recent_findings) continue;
    if (list.size() == most_rows_of_overview) break;
    list.push_back(json_of(*found));
  }
  return list;
}

}  // namespace

json overview_view(const view_query& asked, view_data& shown) {
  const view_window& window = shown.window(asked.window);
  json object = lists_of(window.recorded);
  if (asked.compared.count() != 0) {
    object["before"] = lists_of(shown.window(asked.window, asked.compared).recorded);
  }
  object["statements"] = json::array();
  for (const statement_row& row : window.statements) {
    if (object["statements"].size() == most_rows_of_overview) break;
    if (!row.is_overflow) object["statements"].push_back(json_of_row(row, asked, shown));
  }
  object["pools"] = json::array();
  for (const pool_report& pool : shown.current().pools) object["pools"].push_back(brief_of(pool));
  object["health"] = json::array();
  for (const health_report& report : shown.current().health)
    object["health"].push_back(json_of_component(report));
  object["findings"] = findings_of_last_hour(shown.current());
  object["lines"] = lines_of(shown.lines());
  return object;
}

}  // namespace querytap::detail
