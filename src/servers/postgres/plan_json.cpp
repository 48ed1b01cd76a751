#include "plan_json.hpp"

#include "../../analysis/plans/plan_shape.hpp"

#include <querytap/query/identify.hpp>
#include <querytap/servers/server_inspector.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace querytap::detail {
namespace {

std::string step_text(const nlohmann::json& step, const char* key) {
  return step.value(key, std::string{});
}
double step_number(const nlohmann::json& step, const char* key) { return step.value(key, 0.0); }

// As EXPLAIN's text form names it: `Parallel Seq Scan`, `Hash Left Join`, `HashAggregate`,
// `Update`.
std::string step_operation(const nlohmann::json& step) {
  std::string type = step_text(step, "Node Type");
  const std::string join = step_text(step, "Join Type");
  const std::string strategy = step_text(step, "Strategy");
  if (type == "ModifyTable") return step_text(step, "Operation");
  if (type == "Aggregate" && strategy == "Hashed") return "HashAggregate";
  if (type == "Aggregate" && strategy == "Sorted") return "GroupAggregate";
  if (type == "Aggregate" && strategy == "Mixed") return "MixedAggregate";
  if (!join.empty() && join != "Inner") {
    const std::size_t end = type.find(" Join");
    type = fmt::format("{} {} Join", type.substr(0, end), join);
  }
  return step.value("Parallel Aware", false) ? "Parallel " + type : type;
}

// The server expands views and functions, whose conditions may hold literals that the statement did
// not.
std::string step_condition(const nlohmann::json& step) {
  static constexpr std::array<const char*, 6> keys{"Index Cond", "Recheck Cond", "Hash Cond",
                                                   "Merge Cond", "Join Filter",  "Filter"};
  std::string conditions;
  for (const char* const key : keys) {
    const std::string condition = step_text(step, key);
    if (condition.empty()) continue;
    if (!conditions.empty()) conditions += " and ";
    conditions += identify(condition, dialect::postgresql).text;
  }
  return conditions;
}

// Below a Gather, the plan gives rows per process. The leader helps less the more workers it
// serves: get_parallel_divisor() of PostgreSQL's costsize.c.
double processes_below(const nlohmann::json& step, double above) {
  const double workers = step_number(step, "Workers Planned");
  return workers > 0 ? workers + std::max(0.0, 1.0 - 0.3 * workers) : above;
}

class plan_tree_builder {
 public:
  explicit plan_tree_builder(const table_names& names) : names_{names} {}

  plan_node node_of(const nlohmann::json& step, double processes) {
    ++steps_;
    plan_node node{.operation = step_operation(step),
                   .index = step_text(step, "Index Name"),
                   .condition = step_condition(step),
                   .estimated_rows = step_number(step, "Plan Rows") * processes,
                   .estimated_cost = step_number(step, "Total Cost"),
                   .row_width = step_number(step, "Plan Width")};
    const std::string relation = step_text(step, "Relation Name");
    if (!relation.empty()) node.table = names_(step_text(step, "Schema"), relation);
    const auto inputs = step.find("Plans");
    if (inputs == step.end()) return node;
    const double below = processes_below(step, processes);
    for (const nlohmann::json& input : *inputs) {
      if (steps_ < most_steps) node.inputs.push_back(node_of(input, below));
    }
    return node;
  }

 private:
  // A table may have thousands of partitions: a plan that large is of no use to a reader.
  static constexpr std::size_t most_steps = 300;

  const table_names& names_;
  std::size_t steps_ = 0;
};

}  // namespace

nlohmann::json parsed_plan(std::string_view answer) {
  const auto plans = nlohmann::json::parse(answer, nullptr, false);
  if (!plans.is_array() || plans.empty() || !plans[0].is_object() || !plans[0].contains("Plan")) {
    throw plan_error{"the server's answer is no plan"};
  }
  return plans[0]["Plan"];
}

bool has_removed_subplans(const nlohmann::json& plan) {
  if (step_number(plan, "Subplans Removed") > 0) return true;
  const auto inputs = plan.find("Plans");
  return inputs != plan.end() && std::ranges::any_of(*inputs, has_removed_subplans);
}

void for_each_table(const nlohmann::json& plan,
                    const std::function<void(const std::string&, const std::string&)>& visit) {
  const std::string relation = step_text(plan, "Relation Name");
  if (!relation.empty()) visit(step_text(plan, "Schema"), relation);
  const auto inputs = plan.find("Plans");
  if (inputs == plan.end()) return;
  for (const nlohmann::json& input : *inputs) for_each_table(input, visit);
}

query_plan plan_of(const nlohmann::json& plan, const table_names& names) {
  query_plan made{.root = plan_tree_builder{names}.node_of(plan, 1)};
  made.shape = plan_shape(made.root);
  return made;
}

}  // namespace querytap::detail
