#pragma once

#include "session.hpp"

#include <querytap/snapshot/query_plan.hpp>

#include <string>
#include <string_view>

namespace querytap::detail {

/// The plan that `EXPLAIN QUERY PLAN` reports for a statement, which is not executed.
[[nodiscard]] plan_node sqlite_plan(const sqlite_session& session, const std::string& statement);

/// One line of a plan: `SEARCH d USING INDEX documents_owner (owner=?)`.
[[nodiscard]] plan_node sqlite_step(std::string_view detail);

}  // namespace querytap::detail
