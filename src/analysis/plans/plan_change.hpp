#pragma once

#include <querytap/snapshot/call_report.hpp>
#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/query_plan.hpp>

#include <optional>

namespace querytap {

/// A statement that is executed otherwise than before: names the steps that changed, as
/// `Index Scan on documents using documents_owner became Seq Scan on documents`. None where the plans
/// have the same shape.
///
///     if (auto changed = plan_change(before, now, call)) …
///
/// Threads  a pure function.
[[nodiscard]] std::optional<finding> plan_change(const query_plan& before, const query_plan& now,
                                                 const call_report& evidence);

}  // namespace querytap
