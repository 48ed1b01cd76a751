#include "plan_change.hpp"

#include "plan_rules.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace querytap {
namespace {

using steps = std::vector<std::string>;

std::string to_string(const plan_node& node) {
  std::string name = node.operation;
  if (!node.table.empty()) name += fmt::format(" on {}", node.table);
  if (!node.index.empty()) name += fmt::format(" using {}", node.index);
  return name;
}

steps steps_of(const query_plan& plan) {
  steps all;
  detail::for_each_step(
      plan.root, [&](const plan_node& node, const auto*) { all.push_back(to_string(node)); });
  return all;
}

// What is the same on either end did not change.
void leave_what_differs(steps& a, steps& b) {
  const auto [a_first, b_first] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  a.erase(a.begin(), a_first);
  b.erase(b.begin(), b_first);
  const auto [a_last, b_last] = std::mismatch(a.rbegin(), a.rend(), b.rbegin(), b.rend());
  a.erase(a_last.base(), a.end());
  b.erase(b_last.base(), b.end());
}

std::string listed(const steps& all) {
  static constexpr std::size_t most = 4;
  const auto shown = static_cast<std::ptrdiff_t>(std::min(all.size(), most));
  std::string text = fmt::format("{}", fmt::join(all.begin(), all.begin() + shown, ", "));
  if (all.size() > most) text += fmt::format(" and {} more", all.size() - most);
  return text;
}

std::string difference(const steps& before, const steps& now) {
  if (now.empty() && before.empty()) return "the same steps feed each other in another order";
  if (now.empty()) return listed(before) + " is gone";
  if (before.empty()) return listed(now) + " is new";
  return listed(before) + " became " + listed(now);
}

}  // namespace

std::optional<finding> plan_change(const query_plan& before, const query_plan& now,
                                   const call_report& evidence) {
  if (before.shape == now.shape) return std::nullopt;
  steps old_steps = steps_of(before);
  steps new_steps = steps_of(now);
  leave_what_differs(old_steps, new_steps);
  finding result = detail::about(evidence, finding_kind::plan_change);
  const auto& tables = evidence.statement->tables;
  if (tables.size() == 1) result.table = tables.front();
  result.message = difference(old_steps, new_steps);
  result.advice =
      "where it is slower than before: look for an index that went, statistics that are stale, and "
      "a "
      "table that has grown";
  result.evidence.set({"old_step", listed(old_steps)});
  result.evidence.set({"new_step", listed(new_steps)});
  result.evidence.set({"old_cost", before.root.estimated_cost});
  result.evidence.set({"new_cost", now.root.estimated_cost});
  return result;
}

}  // namespace querytap
