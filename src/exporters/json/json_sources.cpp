#include "json_values.hpp"

#include <querytap/exporters/json/json.hpp>
#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <optional>

namespace querytap {
namespace detail {
namespace {

void add_count(json& object, const char* key, const std::optional<std::uint64_t>& count) {
  if (count.has_value()) object[key] = *count;
}

json server_side_of(const server_statement& counted) {
  json object{{"calls", counted.calls}, {"seconds", seconds_of(counted.time)}};
  add_count(object, "rows", counted.rows);
  add_count(object, "rows_examined", counted.examined);
  add_count(object, "blocks_read", counted.blocks_read);
  add_count(object, "blocks_hit", counted.blocks_hit);
  add_count(object, "spilled_bytes", counted.spilled_bytes);
  add_count(object, "errors", counted.errors);
  return object;
}

}  // namespace

json json_of(const joined_statement& row) {
  json object = json::object();
  if (row.server.statement != nullptr) object["statement"] = json_of(*row.server.statement);
  if (!row.server.database.empty()) object["database"] = row.server.database;
  object["calls"] = row.client_calls;
  object["seconds"] = seconds_of(row.client_time);
  object["server"] = server_side_of(row.server);
  if (row.client_calls != 0 && row.server.calls != 0) {
    object["outside_server"] = seconds_of(row.outside_server());
  }
  if (!row.remark.empty()) object["remark"] = row.remark;
  return object;
}

json json_of(const source_report& report) {
  json object{{"type", "source"}, {"name", report.name}, {"state", to_string(report.state)}};
  if (report.time != std::chrono::system_clock::time_point{})
    object["time"] = time_text(report.time);
  if (report.duration.count() != 0) object["took"] = seconds_of(report.duration);
  if (!report.error.empty()) object["error"] = report.error;
  std::size_t values = 0;
  for (const auto& metric : report.metrics) values += metric->points.size();
  object["values"] = values;
  object["statements"] = json::array();
  for (const joined_statement& row : report.statements)
    object["statements"].push_back(json_of(row));
  object["unavailable"] = json::array();
  for (const unavailable_part& part : report.unavailable) {
    object["unavailable"].push_back({{"name", part.name}, {"reason", part.reason}});
  }
  return object;
}

}  // namespace detail

std::string to_json(const source_report& report) {
  return detail::json_line(detail::json_of(report));
}

}  // namespace querytap
