#pragma once

#include <querytap/analysis/plans/server_facts.hpp>
#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/query_plan.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// All that a rule about plans may look at.
struct plan_evidence {
  const query_plan& plan;
  const call_report& call;
  const server_facts& facts;

  /// Whether the call returned all of its rows, and their number is known.
  [[nodiscard]] bool has_rows() const noexcept {
    return call.rows.has_value() && call.reason == report_reason::slow;
  }
  [[nodiscard]] double rows() const noexcept { return static_cast<double>(call.rows.value_or(0)); }
};

/// A finding of that kind about the call, without message and advice.
[[nodiscard]] finding finding_about_call(const call_report& call, finding_kind kind,
                                         std::string table = {});

/// `12345` as people read it: `12,345`.
[[nodiscard]] std::string grouped_digits(double number);

void find_scans(const plan_evidence& evidence, std::vector<finding>& findings);
void find_scans_by_statement(const plan_evidence& evidence, std::vector<finding>& findings);
void find_automatic_indexes(const plan_evidence& evidence, std::vector<finding>& findings);
void find_spills(const plan_evidence& evidence, std::vector<finding>& findings);
void find_filesorts(const plan_evidence& evidence, std::vector<finding>& findings);
void find_bad_estimate(const plan_evidence& evidence, std::vector<finding>& findings);

/// Every step, each before those that feed it, with the one that it feeds.
template <class Visit>
void for_each_step(const plan_node& node, Visit visit, const plan_node* above = nullptr) {
  visit(node, above);
  for (const plan_node& input : node.inputs) for_each_step(input, visit, &node);
}

// A scan of a smaller table takes less time than the search for its cause.
inline constexpr double fewest_rows_of_large_table = 10'000;
inline constexpr double largest_share_of_few_rows = 0.05;
inline constexpr double smallest_bad_ratio = 100;

}  // namespace querytap::detail
