#pragma once

#include "session.hpp"

#include <querytap/analysis/plans/server_facts.hpp>

#include <optional>
#include <string>

namespace querytap::detail {

/// What SQLite knows of a table; nothing if there is none of that name. Its rows are those that ANALYZE
/// counted, or else the highest rowid, which is what there were if none was ever deleted.
[[nodiscard]] std::optional<table_facts> sqlite_facts(const sqlite_session& session,
                                                      const std::string& table);

}  // namespace querytap::detail
