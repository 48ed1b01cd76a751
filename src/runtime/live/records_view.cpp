// The views that are lists of records.

#include "pool_table.hpp"
#include "running_calls.hpp"
#include "view_data.hpp"

#include <querytap/snapshot/call_convention.hpp>

#include <algorithm>
#include <set>
#include <string>

namespace querytap::detail {
namespace {

constexpr std::size_t most_joined_in_view = 100;
constexpr std::chrono::system_clock::time_point no_time{};

void add_known_time(json& object, const char* key, std::chrono::system_clock::time_point time) {
  if (time != no_time) object[key] = time_text(time);
}

json json_of_measurement(const health_measurement& measured) {
  json object{{"name", measured.name}, {"status", to_string(measured.status)}};
  if (measured.value.has_value()) object["value"] = *measured.value;
  if (!measured.unit.empty()) object["unit"] = measured.unit;
  if (measured.limit.has_value()) object["limit"] = *measured.limit;
  return object;
}

json json_of_pool_row(const pool_row& row) {
  json object{{"name", row.name}, {"maximum", row.maximum}, {"used", row.used},
              {"idle", row.idle}, {"waiting", row.waiting}, {"timeouts", row.timeouts}};
  if (row.wait.has_value() && row.wait->count() != 0) {
    object["wait_p50"] = short_number(row.wait->quantile(0.5));
    object["wait_p99"] = short_number(row.wait->quantile(0.99));
  }
  return object;
}

json json_of_running(const active_call& call, const snapshot& current) {
  const call_report* report = report_of_running_call(call, current);
  json object = report == nullptr ? json::object() : json_of(*report);
  object["system"] = system_of_call(call.series->labels);
  if (call.statement != nullptr) object["statement"] = json_of(*call.statement);
  if (const std::string site = to_string(call.site); !site.empty()) object["call_site"] = site;
  object["duration"] = short_number(seconds_of(call.age));
  return object;
}

}  // namespace

json json_of_component(const health_report& report) {
  json object{{"component", report.component},
              {"status", to_string(report.status)},
              {"role", to_string(report.role)},
              {"needed_for", report.needed_for}};
  add_known_time(object, "since", report.since);
  add_known_time(object, "time", report.time);
  add_known_time(object, "hanging_since", report.hanging_since);
  object["reason"] = report.reason;
  object["advice"] = report.advice;
  object["latency"] = short_number(seconds_of(report.latency));
  object["passive"] = report.is_passive;
  object["flapping"] = report.is_flapping;
  object["measurements"] = json::array();
  for (const health_measurement& measured : report.measurements)
    object["measurements"].push_back(json_of_measurement(measured));
  return object;
}

json pools_view(const view_query& /*asked*/, view_data& shown) {
  json pools = json::array();
  for (const pool_row& row : pool_table(shown.current())) {
    pools.push_back(json_of_pool_row(row));
    for (const pool_report& pool : shown.current().pools) {
      if (pool.name == row.name && pool.waiting != 0)
        pools.back()["longest_wait"] = short_number(seconds_of(pool.longest_wait));
    }
  }
  json leases = json::array();
  for (const pool_report& pool : shown.current().pools) {
    for (const pool_lease& lease : pool.leases) {
      json row = json_of(lease);
      row["pool"] = pool.name;
      row["too_long"] = pool.held_after.count() != 0 && lease.age >= pool.held_after;
      leases.push_back(std::move(row));
    }
  }
  return {{"pools", std::move(pools)}, {"leases", std::move(leases)}};
}

json running_view(const view_query& asked, view_data& shown) {
  json running = json::array();
  for (const active_call& call : long_running_calls(shown.current()))
    running.push_back(json_of_running(call, shown.current()));
  json slow = json::array();
  const auto& ended = shown.ended_calls();
  for (std::size_t i = 0; i < std::min(ended.size(), asked.limit); ++i)
    slow.push_back(json_of(*ended[i]));
  return {{"running", std::move(running)}, {"slow", std::move(slow)}, {"all", ended.size()}};
}

json findings_view(const view_query& asked, view_data& shown) {
  json rows = json::array();
  std::set<std::string_view> kinds;
  for (const auto& found : shown.current().findings) {
    kinds.insert(to_string(found->kind));
    if (!asked.kind.empty() && to_string(found->kind) != asked.kind) continue;
    if (rows.size() < asked.limit) rows.push_back(json_of(*found));
  }
  return {{"all", shown.current().findings.size()}, {"kinds", kinds}, {"rows", std::move(rows)}};
}

json health_view(const view_query& /*asked*/, view_data& shown) {
  json rows = json::array();
  for (const health_report& report : shown.current().health)
    rows.push_back(json_of_component(report));
  return {{"rows", std::move(rows)}};
}

json servers_view(const view_query& /*asked*/, view_data& shown) {
  json rows = json::array();
  for (const auto& source : shown.current().sources) {
    json object = json_of(*source);
    json& joined = object["statements"];
    if (joined.size() > most_joined_in_view)
      joined.erase(joined.begin() + most_joined_in_view, joined.end());
    rows.push_back(std::move(object));
  }
  return {{"rows", std::move(rows)}};
}

}  // namespace querytap::detail
