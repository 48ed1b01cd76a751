#include <querytap/snapshot/query_plan.hpp>

#include <fmt/format.h>

namespace querytap {
namespace {

void write_plan_node(const plan_node& node, std::size_t depth, std::string& text) {
  text += fmt::format("{:{}}{}", "", 2 * depth, node.operation);
  if (!node.table.empty()) text += fmt::format(" on {}", node.table);
  if (!node.index.empty()) text += fmt::format(" using {}", node.index);
  if (!node.condition.empty()) text += fmt::format(" where {}", node.condition);
  if (node.estimated_rows > 0) text += fmt::format(", {:.0f} rows", node.estimated_rows);
  text += '\n';
  for (const plan_node& input : node.inputs) write_plan_node(input, depth + 1, text);
}

}  // namespace

std::string to_string(const query_plan& plan) {
  std::string text;
  write_plan_node(plan.root, 0, text);
  return text + plan.note;
}

}  // namespace querytap
