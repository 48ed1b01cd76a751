#include "json_values.hpp"

#include "../../base/fingerprint_text.hpp"
#include "../../base/utc_text.hpp"

#include <fmt/format.h>

namespace querytap::detail {
namespace {

json node_json(const plan_node& node) {
  json object{{"operation", node.operation}};
  if (!node.table.empty()) object["table"] = node.table;
  if (!node.index.empty()) object["index"] = node.index;
  if (!node.condition.empty()) object["condition"] = node.condition;
  if (node.estimated_rows > 0) object["rows"] = node.estimated_rows;
  if (node.estimated_cost > 0) object["cost"] = node.estimated_cost;
  if (node.row_width > 0) object["width"] = node.row_width;
  for (const plan_node& input : node.inputs) object["inputs"].push_back(node_json(input));
  return object;
}

}  // namespace

std::string time_text(std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
  return fmt::format("{}T{}.{:03}Z", utc_date_text(seconds), utc_clock_text(seconds), milliseconds);
}

json json_of(const attributes& attributes) {
  json object = json::object();
  for (const attribute& item : attributes) {
    std::visit([&](const auto& value) { object[item.key] = value; }, item.value);
  }
  return object;
}

json json_of(const statement_identity& statement) {
  return {{"fingerprint", fingerprint_text(statement.fingerprint)},
          {"text", statement.text},
          {"summary", statement.summary}};
}

json json_of(const phase_times& phases) {
  json object = json::object();
  for (std::size_t i = 0; i < phases.spent.size(); ++i) {
    const auto spent_in = static_cast<phase>(i);
    if (phases[spent_in].count() == 0) continue;
    object[std::string{to_string(spent_in)}] = seconds_of(phases[spent_in]);
  }
  return object;
}

json json_of(const query_plan& plan) {
  json object{{"shape", fingerprint_text(plan.shape)}, {"root", node_json(plan.root)}};
  if (plan.is_generic) object["generic"] = true;
  if (!plan.note.empty()) object["note"] = plan.note;
  return object;
}

std::string json_line(const json& document) {
  return document.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace querytap::detail
