#include "plan_change.hpp"

#include "plan_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace querytap {
namespace {

using step_names = std::vector<std::string>;

std::string step_name(const plan_node& node) {
  std::string name = node.operation;
  if (!node.table.empty()) name += fmt::format(" on {}", node.table);
  if (!node.index.empty()) name += fmt::format(" using {}", node.index);
  return name;
}

step_names names_of_steps(const query_plan& plan) {
  step_names names;
  detail::for_each_step(
      plan.root, [&](const plan_node& node, const auto*) { names.push_back(step_name(node)); });
  return names;
}

// Equal steps at either end did not change.
void erase_common_ends(step_names& a, step_names& b) {
  const auto [a_first, b_first] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  a.erase(a.begin(), a_first);
  b.erase(b.begin(), b_first);
  const auto [a_last, b_last] = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  a.erase(a_last.base(), a.end());
  b.erase(b_last.base(), b.end());
}

std::string listed_steps(const step_names& names) {
  static constexpr std::size_t most = 4;
  const auto shown = static_cast<std::ptrdiff_t>(std::min(names.size(), most));
  std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (names.size() > most) text += fmt::format(" and {} more", names.size() - most);
  return text;
}

std::string difference_of_steps(const step_names& before, const step_names& after) {
  if (after.empty() && before.empty()) return "the same steps feed each other in another order";
  if (after.empty()) return listed_steps(before) + " is gone";
  if (before.empty()) return listed_steps(after) + " is new";
  return listed_steps(before) + " became " + listed_steps(after);
}

}  // namespace

std::optional<finding> plan_change(const query_plan& before, const query_plan& after,
                                   const call_report& call) {
  if (before.shape == after.shape) return std::nullopt;
  // Other values, or another limit, may have another plan.
  if (before.is_of_one_call || after.is_of_one_call || before.note != after.note) {
    return std::nullopt;
  }
  step_names old_steps = names_of_steps(before);
  step_names new_steps = names_of_steps(after);
  erase_common_ends(old_steps, new_steps);
  finding result = detail::finding_about_call(call, finding_kind::plan_change);
  const auto& tables = call.statement->tables;
  if (tables.size() == 1) result.table = tables.front();
  result.message = difference_of_steps(old_steps, new_steps);
  result.advice =
      "where it is slower than before: look for an index that went, statistics that are stale, and "
      "a table that has grown";
  result.evidence.set({"old_step", listed_steps(old_steps)});
  result.evidence.set({"new_step", listed_steps(new_steps)});
  result.evidence.set({"old_cost", before.root.estimated_cost});
  result.evidence.set({"new_cost", after.root.estimated_cost});
  return result;
}

}  // namespace querytap
