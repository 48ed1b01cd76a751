#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace querytap {

/// One step of a plan, with the steps that feed it. Conditions are sanitised: literals are removed.
struct plan_node {
  std::string operation = {};  ///< as the server names it: "Seq Scan", "SEARCH", "Hash Join"
  std::string table = {};      ///< empty if the step reads none
  std::string index = {};      ///< empty if the step uses none
  std::string condition = {};  ///< filter and index condition, without literals
  double estimated_rows = 0;   ///< 0: the server does not report it
  double estimated_cost = 0;   ///< in the server's own unit
  double row_width = 0;        ///< bytes
  std::vector<plan_node> inputs = {};
};

/// How a server means to execute a statement.
///
/// Threads  a plain value.
struct query_plan {
  plan_node root = {};
  /// Equal for plans that take the same steps in the same order, whatever their estimates.
  std::uint64_t shape = 0;
  /// Made without the values of the call's literals and parameters, which may have decided otherwise.
  bool is_generic = false;
  bool is_of_one_call = false;  ///< made for the values of a call that was running
  /// Made as if each condition of values alone held, as `1 = 1`: one that did not, as `1 = 0`, may have
  /// refused all rows.
  bool assumes_conditions = false;
  /// How the plan was made where that may differ from what ran, as sentences, one a line.
  std::string note = {};
};

/// One line for each step, two blanks deeper than the step that it feeds; then the note.
[[nodiscard]] std::string to_string(const query_plan& plan);

}  // namespace querytap
