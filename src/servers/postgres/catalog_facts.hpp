#pragma once

#include "session.hpp"

#include <querytap/analysis/plans/server_facts.hpp>

#include <map>
#include <string>
#include <utility>

namespace querytap::detail {

/// What PostgreSQL's catalog says about tables, and the name to use for each schema and relation.
struct postgres_facts {
  server_facts facts = {};
  std::map<std::pair<std::string, std::string>, std::string> names = {};
  std::string plan_log =
      {};  ///< where the server writes the plans that it executes; empty: nowhere
};

/// Reads the catalog for a few tables, given by schema and relation, within the caller's
/// transaction.
[[nodiscard]] postgres_facts facts_of(
    postgres_session& session, const std::vector<std::pair<std::string, std::string>>& tables,
    postgres_session::deadline until);

}  // namespace querytap::detail
