#include "plan_basis.hpp"

#include <fmt/format.h>

namespace querytap::detail {

std::string plan_basis::text() const {
  std::string text;
  const auto add = [&](const std::string& line) { text += line + '\n'; };
  if (is_generic()) {
    std::string line = "generic plan: made without the values of the call";
    if (assumed_limit > 0) line += fmt::format(", for the first {} rows", assumed_limit);
    if (assumes_no_offset) line += " without an offset";
    if (assumes_conditions) line += ", as if each condition of values alone held";
    add(line);
  } else if (is_running_text) {
    add("plan for the values of a call that was running");
  }
  if (has_pruned_partitions) add("the values decide which of these partitions are read");
  if (may_be_stale) {
    add("asked on a new connection: one that was opened before the last ANALYZE may use another "
        "plan");
  }
  if (!plan_log.empty()) add(plan_log);
  return text;
}

std::optional<std::uint64_t> returned_rows_of(const call_report& call) {
  return call.reason == report_reason::slow ? call.rows : std::nullopt;
}

}  // namespace querytap::detail
