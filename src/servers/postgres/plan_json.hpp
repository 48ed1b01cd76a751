#pragma once

#include <querytap/snapshot/query_plan.hpp>

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace querytap::detail {

/// What a table is to be called: its name as a statement would write it.
using table_names =
    std::function<std::string(const std::string& schema, const std::string& relation)>;

/// What `EXPLAIN (FORMAT JSON)` answered, without literals. Throws plan_error for what is none.
[[nodiscard]] nlohmann::json parsed_plan(std::string_view answer);

/// Each table that it reads, as `visit(schema, relation)`.
void for_each_table(const nlohmann::json& plan,
                    const std::function<void(const std::string&, const std::string&)>& visit);

[[nodiscard]] query_plan plan_of(const nlohmann::json& plan, const table_names& names);

}  // namespace querytap::detail
