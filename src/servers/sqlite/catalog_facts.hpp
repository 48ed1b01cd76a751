#pragma once

#include "session.hpp"

#include <querytap/analysis/plans/server_facts.hpp>

#include <optional>
#include <string>

namespace querytap::detail {

/// What SQLite's catalog says about a table; nothing if no table has that name, or a virtual one has. The number of rows
/// is the one that ANALYZE counted, or else the highest rowid, which is too high once rows were
/// deleted.
[[nodiscard]] std::optional<table_facts> sqlite_facts(const sqlite_session& session,
                                                      const std::string& table);

/// Whether ANALYZE has been run, so that there are statistics that a connection may not have read.
[[nodiscard]] bool is_analysed(const sqlite_session& session);

}  // namespace querytap::detail
