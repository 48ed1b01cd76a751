#pragma once

#include "mysql_session.hpp"

#include <querytap/analysis/plans/server_facts.hpp>

#include <string>
#include <vector>

namespace querytap::detail {

/// What information_schema says of the tables that a statement names, of the current database where
/// it names none: rows, size, columns, indexes.
[[nodiscard]] server_facts mysql_facts(mysql_session& session,
                                       const std::vector<std::string>& tables,
                                       mysql_session::deadline until);

}  // namespace querytap::detail
