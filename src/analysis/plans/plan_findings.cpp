#include <querytap/analysis/plans/plan_findings.hpp>

#include "../../base/seconds.hpp"
#include "plan_rules.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/human.hpp>

#include <cmath>
#include <cstdint>

namespace querytap {
namespace detail {

finding finding_about_call(const call_report& call, finding_kind kind, std::string table) {
  finding result;
  result.kind = kind;
  result.system = call.system;
  result.statement = call.statement;
  result.table = std::move(table);
  result.site = call.site;
  result.request = call.request;
  result.calls = 1;
  result.cost = call.duration;
  result.time =
      call.start + std::chrono::duration_cast<std::chrono::system_clock::duration>(call.duration);
  result.evidence.set({"seconds", seconds_of(call.duration)});
  return result;
}

std::string grouped_digits(double number) {
  return human_count(static_cast<std::uint64_t>(std::llround(number)));
}

}  // namespace detail

std::vector<finding> plan_findings(const query_plan& plan, const call_report& call,
                                   const server_facts& facts) {
  std::vector<finding> found;
  if (call.statement == nullptr) return found;
  const detail::plan_evidence evidence{plan, call, facts};
  // A condition that the plan assumes to hold may have refused all rows before any was read.
  const bool may_have_read =
      !plan.assumes_conditions || !evidence.has_rows() || evidence.rows() > 0;
  if (find_database_system(call.system).has_detailed_plans) {
    if (!may_have_read) return found;
    detail::find_scans(evidence, found);
    detail::find_spills(evidence, found);
    detail::find_bad_estimate(evidence, found);
  } else {
    if (may_have_read) detail::find_scans_by_statement(evidence, found);
    detail::find_automatic_indexes(evidence, found);
    detail::find_filesorts(evidence, found);
  }
  return found;
}

}  // namespace querytap
