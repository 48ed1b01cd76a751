#pragma once

#include "condition.hpp"

#include <string_view>
#include <vector>

namespace querytap::detail {

/// What a statement calls a table.
struct table_alias {
  std::string_view name;   ///< by which its columns are qualified
  std::string_view table;  ///< the last part of its name, as it is written
};

/// The tables that stand behind FROM, JOIN, UPDATE and INTO, at any depth of the statement.
[[nodiscard]] std::vector<table_alias> tables_in(token_span statement);

/// All that stands behind WHERE and ON.
[[nodiscard]] std::vector<sql_token> conditions_in(token_span statement);

/// The tests that stand behind WHERE and ON, and those that USING makes.
[[nodiscard]] std::vector<column_test> tests_in(token_span statement);

}  // namespace querytap::detail
