#include "../../query/text/sanitised_tokens.hpp"
#include "plan_rules.hpp"
#include "unknown_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace querytap::detail {
namespace {

// What the server adds to each row in memory: its header, aligned.
constexpr double row_header_bytes = 24;

constexpr double bytes_per_megabyte = 1024.0 * 1024.0;

double whole_megabytes(double bytes) { return std::ceil(bytes / bytes_per_megabyte); }

bool is_sort_step(const plan_node& node) { return node.operation == "Sort"; }

bool is_hash_step(const plan_node& node) {
  return node.operation.ends_with("Hash") || node.operation.ends_with("HashAggregate");
}

// A sort below a LIMIT retains no more rows than the limit.
bool sorts_first_rows_only(const plan_node* above) {
  return above != nullptr && above->operation == "Limit";
}

// A hash table of groups is as large as the step's result, one of rows as its input.
double estimated_size(const plan_node& node) {
  return node.estimated_rows * (node.row_width + row_header_bytes);
}

finding spill_finding(const plan_evidence& evidence, const plan_node& node, double size,
                      double memory) {
  finding result = finding_about_call(evidence.call, finding_kind::spill, node.table);
  const std::string_view setting =
      is_sort_step(node) ? "work_mem" : "work_mem x hash_mem_multiplier";
  result.message = fmt::format(
      "by the planner's estimate, {} of {} rows of {:.0f} bytes takes {:.0f} MB, more than the "
      "{:.0f} MB of {}: it goes by way of files",
      node.operation, grouped_digits(node.estimated_rows), node.row_width, whole_megabytes(size),
      whole_megabytes(memory), setting);
  result.advice = fmt::format(
      "set local work_mem = '{:.0f}MB' for this statement, or return and {} fewer columns and rows",
      std::ceil(whole_megabytes(size) * 1.2 *
                (is_sort_step(node) ? 1.0 : evidence.facts.sort_memory / memory)),
      is_sort_step(node) ? "sort" : "hash");
  result.evidence.set({"estimated_rows", node.estimated_rows});
  result.evidence.set({"row_bytes", node.row_width});
  result.evidence.set({"estimated_bytes", size});
  result.evidence.set({"memory_bytes", memory});
  result.evidence.set({"step", node.operation});
  return result;
}

// What is sorted is what the statement returns, unless a step in between aggregates or a limit takes
// the first rows of it.
bool sorts_what_it_returns(const plan_evidence& evidence) {
  bool has_temporary_table = false;
  for_each_step(evidence.plan.root, [&](const plan_node& node, const plan_node*) {
    has_temporary_table = has_temporary_table || node.operation == "Temporary Table";
  });
  const auto text = sanitised_tokens(evidence.call.statement->text, dialect::mysql);
  const bool has_limit =
      std::ranges::any_of(text, [](const sql_token& token) { return token.is("limit"); });
  return evidence.plan.root.operation == "Filesort" && !has_temporary_table && !has_limit;
}

// Of MariaDB and MySQL, whose plans do not say how wide a row is.
double bytes_of_row(const server_facts& facts) {
  double bytes = 0;
  for (const table_facts& table : facts.tables) {
    if (table.rows > 0) bytes += table.bytes / table.rows;
  }
  return bytes;
}

}  // namespace

void find_filesorts(const plan_evidence& evidence, std::vector<finding>& findings) {
  const double memory = evidence.facts.sort_memory;
  if (memory <= 0 || !evidence.has_rows() || !sorts_what_it_returns(evidence)) return;
  const double row = bytes_of_row(evidence.facts);
  const double size = evidence.rows() * row;
  if (size <= memory) return;
  finding result = finding_about_call(evidence.call, finding_kind::spill);
  result.message = fmt::format(
      "sorts {} rows of some {:.0f} bytes without an index, about {:.0f} MB, more than the {:.0f} "
      "MB of sort_buffer_size: it goes by way of files",
      grouped_digits(evidence.rows()), row, whole_megabytes(size), whole_megabytes(memory));
  result.advice =
      "index the columns by which it is sorted, or return and sort fewer columns and rows";
  result.evidence.set({"rows", evidence.rows()});
  result.evidence.set({"row_bytes", row});
  result.evidence.set({"estimated_bytes", size});
  result.evidence.set({"memory_bytes", memory});
  findings.push_back(std::move(result));
}

void find_spills(const plan_evidence& evidence, std::vector<finding>& findings) {
  if (do_values_decide(evidence)) return;
  for_each_step(evidence.plan.root, [&](const plan_node& node, const plan_node* above) {
    const bool sorts = is_sort_step(node) && !sorts_first_rows_only(above);
    const double memory = sorts                ? evidence.facts.sort_memory
                          : is_hash_step(node) ? evidence.facts.hash_memory
                                               : 0;
    const double size = estimated_size(node);
    if (memory > 0 && size > memory)
      findings.push_back(spill_finding(evidence, node, size, memory));
  });
}

}  // namespace querytap::detail
