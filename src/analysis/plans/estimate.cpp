#include "plan_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace querytap::detail {
namespace {

// Where there are fewer, no plan is much better than another; a table that was never analysed is taken for
// one of some thousand.
constexpr double many_rows = 5000;

// With a limit, how many rows there would be is not known.
bool has_limit(const plan_node& root) {
  const plan_node* node = &root;
  while (node->operation != "Limit") {
    if (node->inputs.size() != 1) return false;
    node = &node->inputs.front();
  }
  return true;
}

std::string only_table(const plan_evidence& in) {
  const auto& tables = in.call.statement->tables;
  return tables.size() == 1 ? tables.front() : std::string{};
}

}  // namespace

void find_bad_estimate(const plan_evidence& in, std::vector<finding>& to) {
  const plan_node& root = in.plan.root;
  if (!in.has_rows() || in.call.statement->kind != statement_kind::read) return;
  if (root.estimated_rows <= 0 || has_limit(root)) return;
  const double expected = std::max(root.estimated_rows, 1.0);
  const double came = std::max(in.rows(), 1.0);
  const double off = std::max(expected, came) / std::min(expected, came);
  if (off < far_off || std::max(expected, came) < many_rows) return;

  finding result = about(in.call, finding_kind::bad_estimate, only_table(in));
  result.message = fmt::format(
      "the planner expected {} rows and {} came, {:.0f} times {}: it may have chosen the wrong "
      "plan",
      whole(root.estimated_rows), whole(in.rows()), off, came > expected ? "more" : "fewer");
  result.advice =
      result.table.empty()
          ? std::string{"analyze the tables of the statement; where their columns depend on each "
                        "other, create statistics on them"}
          : fmt::format("analyze {}; where its columns depend on each other, create statistics on "
                        "them",
                        result.table);
  result.advice += ". The plan is the one for parameters that are not known";
  result.evidence.set({"estimated_rows", root.estimated_rows});
  result.evidence.set({"returned_rows", in.rows()});
  to.push_back(std::move(result));
}

}  // namespace querytap::detail
