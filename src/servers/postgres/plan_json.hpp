#pragma once

#include <querytap/snapshot/query_plan.hpp>

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Returns the name of a table as a statement would write it.
using table_names =
    std::function<std::string(const std::string& schema, const std::string& relation)>;

/// The plan in an answer to `EXPLAIN (FORMAT JSON)`. Throws plan_error for an answer without a
/// plan.
[[nodiscard]] nlohmann::json parsed_plan(std::string_view answer);

/// Whether the plan would not read all of its partitions, for the values that it was explained with.
[[nodiscard]] bool has_removed_subplans(const nlohmann::json& plan);

/// Calls `visit(schema, relation)` for each table that the plan reads.
void for_each_table(const nlohmann::json& plan,
                    const std::function<void(const std::string&, const std::string&)>& visit);

/// The plan as values, with `?` for the literals of its conditions.
[[nodiscard]] query_plan plan_of(const nlohmann::json& plan, const table_names& names);

}  // namespace querytap::detail
