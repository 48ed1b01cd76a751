#include "plan_rules.hpp"
#include "unknown_values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

// With fewer rows, no plan is much better than another; PostgreSQL takes a table that was never
// analysed for one of some thousand rows.
constexpr double fewest_rows_for_estimate = 5000;

// With a limit, the number of rows that there would be is not known.
bool plan_has_limit(const plan_node& root) {
  const plan_node* node = &root;
  while (node->operation != "Limit") {
    if (node->inputs.size() != 1) return false;
    node = &node->inputs.front();
  }
  return true;
}

std::string only_table_of(const call_report& call) {
  const auto& tables = call.statement->tables;
  return tables.size() == 1 ? tables.front() : std::string{};
}

}  // namespace

void find_bad_estimate(const plan_evidence& evidence, std::vector<finding>& findings) {
  const plan_node& root = evidence.plan.root;
  if (!evidence.has_rows() || evidence.call.statement->kind != statement_kind::read) return;
  if (root.estimated_rows <= 0 || plan_has_limit(root) || do_values_decide(evidence)) return;
  const double expected = std::max(root.estimated_rows, 1.0);
  const double came = std::max(evidence.rows(), 1.0);
  const double off = std::max(expected, came) / std::min(expected, came);
  if (off < smallest_bad_ratio || std::max(expected, came) < fewest_rows_for_estimate) return;

  finding result =
      finding_about_call(evidence.call, finding_kind::bad_estimate, only_table_of(evidence.call));
  result.message = fmt::format(
      "the planner expected {} rows and {} came, {:.0f} times {}: it may have chosen the wrong "
      "plan",
      grouped_digits(root.estimated_rows), grouped_digits(evidence.rows()), off,
      came > expected ? "more" : "fewer");
  result.advice =
      result.table.empty()
          ? std::string{"analyze the tables of the statement; where their columns depend on each "
                        "other, create statistics on them"}
          : fmt::format("analyze {}; where its columns depend on each other, create statistics on "
                        "them",
                        result.table);
  if (evidence.plan.is_generic) {
    result.advice += ". The plan is the one for parameters that are not known";
  }
  result.evidence.set({"estimated_rows", root.estimated_rows});
  result.evidence.set({"returned_rows", evidence.rows()});
  findings.push_back(std::move(result));
}

}  // namespace querytap::detail
