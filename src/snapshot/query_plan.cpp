#include <querytap/snapshot/query_plan.hpp>

#include <fmt/format.h>

namespace querytap {
namespace {

void write(const plan_node& node, std::size_t depth, std::string& to) {
  to += fmt::format("{:{}}{}", "", 2 * depth, node.operation);
  if (!node.table.empty()) to += fmt::format(" on {}", node.table);
  if (!node.index.empty()) to += fmt::format(" using {}", node.index);
  if (!node.condition.empty()) to += fmt::format(" where {}", node.condition);
  if (node.estimated_rows > 0) to += fmt::format(", {:.0f} rows", node.estimated_rows);
  to += '\n';
  for (const plan_node& input : node.inputs) write(input, depth + 1, to);
}

}  // namespace

std::string to_string(const query_plan& plan) {
  std::string text;
  write(plan.root, 0, text);
  return text;
}

}  // namespace querytap
