#pragma once

#include <querytap/analysis/plans/server_facts.hpp>
#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/query_plan.hpp>

#include <vector>

namespace querytap {

/// What makes a call slow, as far as its plan, its counters and the server's facts show:
///
///     missing_index    all of a large table is read for few rows, and this index would serve
///     seq_scan         the same where no index can be named, or an existing one is not used
///     automatic_index  SQLite made an index for this one call
///     spill            a sort or hash is larger than the server lets it be; an estimate
///     bad_estimate     the planner expected 100 times more or fewer rows than came
///
/// A plan that is generic raises none of them where the values of the call decide: by a range, a list,
/// a column with common values, a partial index or one on an expression.
///
/// Each finding names the statement, the table, the numbers and what to do. Not reported: scans of
/// tables below 10,000 rows, scans that need more than a twentieth of their table, and wrong
/// estimates of fewer than 5,000 rows.
///
///     for (const finding& finding : plan_findings(plan, call, facts)) …
///
/// Threads  a pure function.
[[nodiscard]] std::vector<finding> plan_findings(const query_plan& plan, const call_report& call,
                                                 const server_facts& facts);

}  // namespace querytap
