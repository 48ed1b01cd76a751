#include "plan_rules.hpp"

#include <fmt/format.h>

#include <cmath>

namespace querytap::detail {
namespace {

// What the server adds to each row that it keeps: its header, aligned.
constexpr double row_header = 24;

constexpr double megabyte = 1024.0 * 1024.0;

double megabytes(double bytes) { return std::ceil(bytes / megabyte); }

bool is_sort(const plan_node& node) { return node.operation == "Sort"; }

bool is_hash(const plan_node& node) {
  return node.operation.ends_with("Hash") || node.operation.ends_with("HashAggregate");
}

// A sort for the first few rows keeps no more than these.
bool keeps_few(const plan_node* above) { return above != nullptr && above->operation == "Limit"; }

// A hash table of groups is as large as what leaves it, one of rows as what it is given.
double size_of(const plan_node& node) {
  return node.estimated_rows * (node.row_width + row_header);
}

finding spill(const plan_evidence& in, const plan_node& node, double size, double memory) {
  finding result = about(in.call, finding_kind::spill, node.table);
  const std::string_view setting = is_sort(node) ? "work_mem" : "work_mem x hash_mem_multiplier";
  result.message = fmt::format(
      "by the planner's estimate, {} of {} rows of {:.0f} bytes takes {:.0f} MB, more than the "
      "{:.0f} MB of {}: it goes by way of files",
      node.operation, whole(node.estimated_rows), node.row_width, megabytes(size),
      megabytes(memory), setting);
  result.advice = fmt::format(
      "set local work_mem = '{:.0f}MB' for this statement, or return and {} fewer columns and rows",
      std::ceil(megabytes(size) * 1.2 * (is_sort(node) ? 1.0 : in.facts.sort_memory / memory)),
      is_sort(node) ? "sort" : "hash");
  result.evidence.set({"estimated_rows", node.estimated_rows});
  result.evidence.set({"row_bytes", node.row_width});
  result.evidence.set({"estimated_bytes", size});
  result.evidence.set({"memory_bytes", memory});
  result.evidence.set({"step", node.operation});
  return result;
}

}  // namespace

void find_spills(const plan_evidence& in, std::vector<finding>& to) {
  for_each_step(in.plan.root, [&](const plan_node& node, const plan_node* above) {
    const bool sorts = is_sort(node) && !keeps_few(above);
    const double memory = sorts ? in.facts.sort_memory : is_hash(node) ? in.facts.hash_memory : 0;
    const double size = size_of(node);
    if (memory > 0 && size > memory) to.push_back(spill(in, node, size, memory));
  });
}

}  // namespace querytap::detail
