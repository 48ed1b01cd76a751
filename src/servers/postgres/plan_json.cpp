#include "plan_json.hpp"

#include "../../analysis/plans/plan_shape.hpp"

#include <querytap/query/identify.hpp>
#include <querytap/servers/server_inspector.hpp>

#include <fmt/format.h>

#include <array>

namespace querytap::detail {
namespace {

using nlohmann::json;

// A table may have thousands of partitions; nobody reads that many steps.
constexpr std::size_t most_steps = 300;

std::string text(const json& step, const char* key) { return step.value(key, std::string{}); }
double number(const json& step, const char* key) { return step.value(key, 0.0); }

// As EXPLAIN's text has it: `Parallel Seq Scan`, `Hash Left Join`, `HashAggregate`, `Update`.
std::string operation_of(const json& step) {
  std::string type = text(step, "Node Type");
  const std::string join = text(step, "Join Type");
  const std::string strategy = text(step, "Strategy");
  if (type == "ModifyTable") return text(step, "Operation");
  if (type == "Aggregate" && strategy == "Hashed") return "HashAggregate";
  if (type == "Aggregate" && strategy == "Sorted") return "GroupAggregate";
  if (type == "Aggregate" && strategy == "Mixed") return "MixedAggregate";
  if (!join.empty() && join != "Inner") {
    const std::size_t end = type.find(" Join");
    type = fmt::format("{} {} Join", type.substr(0, end), join);
  }
  return step.value("Parallel Aware", false) ? "Parallel " + type : type;
}

// A view or a function that the server has put into the statement may have brought literals along.
std::string without_literals(const std::string& condition) {
  return identify(condition, dialect::postgresql).text;
}

std::string condition_of(const json& step) {
  static constexpr std::array<const char*, 6> keys{"Index Cond", "Recheck Cond", "Hash Cond",
                                                   "Merge Cond", "Join Filter",  "Filter"};
  std::string all;
  for (const char* const key : keys) {
    const std::string one = text(step, key);
    if (one.empty()) continue;
    if (!all.empty()) all += " and ";
    all += without_literals(one);
  }
  return all;
}

// Below a Gather, rows are told for each process. The leader helps less the more workers it serves:
// get_parallel_divisor() of PostgreSQL's costsize.c.
double processes_below(const json& step, double above) {
  const double workers = number(step, "Workers Planned");
  return workers > 0 ? workers + std::max(0.0, 1.0 - 0.3 * workers) : above;
}

class tree_builder {
 public:
  explicit tree_builder(const table_names& names) : names_{names} {}

  plan_node node_of(const json& step, double processes) {
    ++steps_;
    plan_node node{.operation = operation_of(step),
                   .index = text(step, "Index Name"),
                   .condition = condition_of(step),
                   .estimated_rows = number(step, "Plan Rows") * processes,
                   .estimated_cost = number(step, "Total Cost"),
                   .row_width = number(step, "Plan Width")};
    const std::string relation = text(step, "Relation Name");
    if (!relation.empty()) node.table = names_(text(step, "Schema"), relation);
    const auto inputs = step.find("Plans");
    if (inputs == step.end()) return node;
    const double below = processes_below(step, processes);
    for (const json& input : *inputs) {
      if (steps_ < most_steps) node.inputs.push_back(node_of(input, below));
    }
    return node;
  }

 private:
  const table_names& names_;
  std::size_t steps_ = 0;
};

}  // namespace

json parsed_plan(std::string_view answer) {
  const json all = json::parse(answer, nullptr, false);
  if (!all.is_array() || all.empty() || !all[0].is_object() || !all[0].contains("Plan")) {
    throw plan_error{"the server's answer is no plan"};
  }
  return all[0]["Plan"];
}

void for_each_table(const json& plan,
                    const std::function<void(const std::string&, const std::string&)>& visit) {
  const std::string relation = text(plan, "Relation Name");
  if (!relation.empty()) visit(text(plan, "Schema"), relation);
  const auto inputs = plan.find("Plans");
  if (inputs == plan.end()) return;
  for (const json& input : *inputs) for_each_table(input, visit);
}

query_plan plan_of(const json& plan, const table_names& names) {
  query_plan made{.root = tree_builder{names}.node_of(plan, 1)};
  made.shape = plan_shape(made.root);
  return made;
}

}  // namespace querytap::detail
