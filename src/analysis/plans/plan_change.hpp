#pragma once

#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/query_plan.hpp>

#include <optional>

namespace querytap {

/// The finding that a statement is executed in another way than before. It names the changed steps,
/// as `Index Scan on documents using documents_owner became Seq Scan on documents`. Empty if the
/// plans have the same shape.
///
///     if (auto changed = plan_change(before, after, call)) …
///
/// Threads  a pure function.
[[nodiscard]] std::optional<finding> plan_change(const query_plan& before, const query_plan& after,
                                                 const call_report& call);

}  // namespace querytap
