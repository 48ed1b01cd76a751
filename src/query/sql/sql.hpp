#pragma once

#include "../text/dialect_rules.hpp"

#include <querytap/base/statement_identity.hpp>

#include <string_view>

namespace querytap::detail {

[[nodiscard]] statement_identity identify_sql(std::string_view sql, sql_rules rules);

}  // namespace querytap::detail
