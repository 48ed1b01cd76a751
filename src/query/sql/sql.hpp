#pragma once

#include "../text/dialect_rules.hpp"

#include <querytap/base/statement_identity.hpp>
#include <querytap/query/known_columns.hpp>

#include <string_view>

namespace querytap::detail {

/// `columns` may be null, and is asked for SQLite alone.
[[nodiscard]] statement_identity identify_sql(std::string_view sql, sql_rules rules,
                                              const known_columns* columns);

}  // namespace querytap::detail
