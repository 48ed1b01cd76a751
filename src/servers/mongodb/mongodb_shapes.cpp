#include "mongodb_shapes.hpp"

#include <querytap/query/identify.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

namespace querytap::detail {
namespace {

using shape_json = nlohmann::ordered_json;

// `{"a": {"$eq": "?string"}}` was written as `{"a": "x"}`.
shape_json without_equalities(const shape_json& part) {
  if (part.is_array()) {
    shape_json list = shape_json::array();
    for (const shape_json& each : part) list.push_back(without_equalities(each));
    return list;
  }
  if (!part.is_object()) return part;
  if (part.size() == 1 && part.begin().key() == "$eq") return part.begin().value();
  shape_json object = shape_json::object();
  for (const auto& [key, value] : part.items()) object[key] = without_equalities(value);
  return object;
}

std::uint64_t number_of_shape(const mongodb_document& entry, std::string_view path) {
  const auto number = entry.number(path);
  return number && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

void add_to(server_statement& sum, const mongodb_document& entry) {
  sum.calls += number_of_shape(entry, "metrics.execCount");
  sum.time += std::chrono::microseconds{number_of_shape(entry, "metrics.totalExecMicros.sum")};
  sum.rows = sum.rows.value_or(0) + number_of_shape(entry, "metrics.docsReturned.sum");
  if (entry.has("metrics.docsExamined.sum")) {
    sum.examined = sum.examined.value_or(0) + number_of_shape(entry, "metrics.docsExamined.sum");
  }
}

}  // namespace

std::string command_of_shape(const std::string& query_shape) {
  const shape_json shape = shape_json::parse(query_shape, nullptr, false);
  if (!shape.is_object() || !shape.contains("command") || !shape["command"].is_string()) return {};
  const std::string name = shape["command"];
  shape_json command = shape_json::object();
  const bool has_collection = shape.contains("cmdNs") && shape["cmdNs"].contains("coll");
  command[name] = has_collection ? shape["cmdNs"]["coll"] : shape_json(1);
  for (const auto& [key, value] : shape.items()) {
    if (key != "command" && key != "cmdNs") command[key] = without_equalities(value);
  }
  if (name == "aggregate") command["cursor"] = shape_json::object();
  return command.dump(-1, ' ', false, shape_json::error_handler_t::replace);
}

std::vector<server_statement> statements_of_shapes(const std::vector<mongodb_document>& entries,
                                                   std::size_t limit) {
  std::map<std::pair<std::string, std::uint64_t>, server_statement> by_statement;
  for (const mongodb_document& entry : entries) {
    const std::string command = command_of_shape(entry.json("key.queryShape"));
    if (command.empty()) continue;
    statement_identity identity = identify(command, dialect::mongodb);
    const std::string database = entry.text("key.queryShape.cmdNs.db");
    server_statement& sum = by_statement[{database, identity.fingerprint}];
    if (sum.statement == nullptr) {
      sum.statement = std::make_shared<const statement_identity>(std::move(identity));
      sum.database = database;
    }
    add_to(sum, entry);
  }
  std::vector<server_statement> statements;
  for (auto& [key, sum] : by_statement) statements.push_back(std::move(sum));
  std::ranges::stable_sort(statements, std::ranges::greater{}, &server_statement::time);
  if (statements.size() > limit) statements.resize(limit);
  return statements;
}

}  // namespace querytap::detail
