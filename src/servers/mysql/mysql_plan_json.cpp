#include "mysql_plan_json.hpp"

#include "../../analysis/plans/plan_shape.hpp"

#include <querytap/query/identify.hpp>
#include <querytap/servers/server_inspector.hpp>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <string>
#include <utility>

namespace querytap::detail {
namespace {

// As the manuals name the ways to read a table.
std::string_view operation_of_access(std::string_view access) noexcept {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 11> names{{
      {"ALL", "Full Table Scan"},
      {"index", "Full Index Scan"},
      {"range", "Index Range Scan"},
      {"ref", "Index Lookup"},
      {"ref_or_null", "Index Lookup"},
      {"index_subquery", "Index Lookup"},
      {"eq_ref", "Unique Key Lookup"},
      {"unique_subquery", "Unique Key Lookup"},
      {"const", "Unique Key Lookup"},
      {"fulltext", "Fulltext Lookup"},
      {"index_merge", "Index Merge"},
  }};
  const auto* const found = std::ranges::find(names, access, &decltype(names)::value_type::first);
  return found == names.end() ? access : found->second;
}

// The steps that are objects of their own around what feeds them. Objects that are not listed pass
// on what is in them.
std::string_view operation_of_key(std::string_view key) noexcept {
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 14> names{{
      {"nested_loop", "Nested Loop"},
      {"filesort", "Filesort"},
      {"ordering_operation", "Order"},
      {"grouping_operation", "Group"},
      {"temporary_table", "Temporary Table"},
      {"block-nl-join", "Block Nested Loop Join"},
      {"materialization", "Materialize"},
      {"materialized", "Materialize"},
      {"materialized_from_subquery", "Materialize"},
      {"union_result", "Union"},
      {"duplicates_removal", "Remove Duplicates"},
      {"window_functions_computation", "Window"},
      {"buffer_result", "Temporary Table"},
      {"range-checked-for-each-record", "Range Checked For Each Record"},
  }};
  const auto* const found = std::ranges::find(names, key, &decltype(names)::value_type::first);
  return found == names.end() ? std::string_view{} : found->second;
}

double number_at(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return 0;
  if (found->is_number()) return found->get<double>();
  // MySQL writes costs as texts.
  return found->is_string() ? std::strtod(found->get_ref<const std::string&>().c_str(), nullptr)
                            : 0;
}

std::string text_at(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string{};
}

std::string condition_at(const nlohmann::json& object) {
  std::string conditions;
  for (const char* const key : {"index_condition", "attached_condition", "having_condition"}) {
    std::string condition = text_at(object, key);
    if (condition.empty()) continue;
    // Which would be the beginning of a comment.
    std::ranges::replace(condition, '#', '_');
    if (!conditions.empty()) conditions += " and ";
    conditions += identify(condition, dialect::mysql).text;
  }
  return conditions;
}

class mysql_plan_reader {
 public:
  /// The steps in the members of an object, or in the elements of an array.
  void read(const nlohmann::json& part, std::vector<plan_node>& into) {
    if (steps_ >= most_mysql_steps) return;
    if (part.is_array()) {
      for (const nlohmann::json& element : part) read(element, into);
    } else if (part.is_object()) {
      for (const auto& [key, value] : part.items()) read_member(key, value, into);
    }
  }

 private:
  static constexpr std::size_t most_mysql_steps = 300;

  void read_member(const std::string& key, const nlohmann::json& value,
                   std::vector<plan_node>& into) {
    if (!value.is_structured() || is_of_no_step(key)) return;
    if (key == "table" && value.is_object()) return read_table(value, into);
    const std::string_view operation = operation_of_key(key);
    if (operation.empty()) return read(value, into);
    ++steps_;
    plan_node node{.operation = std::string{operation}};
    if (value.is_object()) {
      node.condition = condition_at(value);
      // MySQL says of an order whether it takes a sort.
      if (value.value("using_filesort", false)) node.operation = "Filesort";
      if (value.value("using_temporary_table", false)) node.operation = "Temporary Table";
    }
    read(value, node.inputs);
    // One table is no loop.
    if (key == "nested_loop" && node.inputs.size() == 1) {
      into.push_back(std::move(node.inputs.front()));
    } else {
      into.push_back(std::move(node));
    }
  }

  [[nodiscard]] static bool is_of_no_step(std::string_view key) noexcept {
    static constexpr std::array<std::string_view, 6> keys{
        "possible_keys", "used_key_parts", "ref", "used_columns", "cost_info", "partitions"};
    return std::ranges::find(keys, key) != keys.end();
  }

  void read_table(const nlohmann::json& table, std::vector<plan_node>& into) {
    const std::string access = text_at(table, "access_type");
    if (access.empty()) return read(table, into);  // a message, as `No tables used`
    // A row of values alone, as that in which the inspector hides one.
    const bool is_row_of_values =
        access == "system" && text_at(table, "table_name").starts_with("<derived");
    if (is_row_of_values) return;
    ++steps_;
    plan_node node{.operation = std::string{operation_of_access(access)},
                   .table = text_at(table, "table_name"),
                   .index = text_at(table, "key"),
                   .condition = condition_at(table),
                   .estimated_rows = number_at(table, "rows")};
    if (node.estimated_rows == 0) node.estimated_rows = number_at(table, "rows_examined_per_scan");
    const auto cost = table.find("cost_info");
    if (cost != table.end()) node.estimated_cost = number_at(*cost, "prefix_cost");
    // An UPDATE or DELETE that has no use for an index goes through the primary key from end to end.
    const bool is_change = table.contains("update") || table.contains("delete");
    if (is_change && access == "index" && text_at(table, "key_length").empty()) {
      node.operation = operation_of_access("ALL");
    }
    read(table, node.inputs);
    into.push_back(std::move(node));
  }

  std::size_t steps_ = 0;
};

}  // namespace

query_plan plan_of_mysql(std::string_view answer) {
  const auto parsed = nlohmann::json::parse(answer, nullptr, false);
  if (!parsed.is_object()) throw plan_error{"the server's answer is no plan"};
  std::vector<plan_node> roots;
  mysql_plan_reader{}.read(parsed, roots);
  if (roots.empty()) throw plan_error{"the server plans to read no table for it"};
  query_plan made;
  if (roots.size() == 1) {
    made.root = std::move(roots.front());
  } else {
    made.root = {.operation = "Query", .inputs = std::move(roots)};
  }
  made.shape = plan_shape(made.root);
  return made;
}

bool refuses_all_rows(std::string_view answer) noexcept {
  const auto says = [&](std::string_view message) { return answer.find(message) != answer.npos; };
  return says("\"message\": \"Impossible") || says("\"message\": \"no matching row") ||
         says("\"message\": \"No matching") || says("\"message\": \"No matching min/max row");
}

bool has_step(const plan_node& root, std::string_view operation) noexcept {
  return root.operation == operation ||
         std::ranges::any_of(root.inputs,
                             [&](const plan_node& input) { return has_step(input, operation); });
}

}  // namespace querytap::detail
