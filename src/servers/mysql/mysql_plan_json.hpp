#pragma once

#include <querytap/snapshot/query_plan.hpp>

#include <string_view>

namespace querytap::detail {

/// The plan in an answer to `EXPLAIN FORMAT=JSON` of MariaDB or MySQL, with `?` for the literals of
/// its conditions. Throws plan_error for an answer without a plan.
[[nodiscard]] query_plan plan_of_mysql(std::string_view answer);

/// Whether the server saw, while it was planning, that the values let no row through.
[[nodiscard]] bool refuses_all_rows(std::string_view answer) noexcept;

/// Whether a step of the plan has this name.
[[nodiscard]] bool has_step(const plan_node& root, std::string_view operation) noexcept;

}  // namespace querytap::detail
