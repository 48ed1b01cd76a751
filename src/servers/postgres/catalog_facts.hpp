#pragma once

#include "session.hpp"

#include <querytap/analysis/plans/server_facts.hpp>

#include <map>
#include <string>
#include <utility>

namespace querytap::detail {

/// What PostgreSQL knows of tables, and what each is called: by schema and relation.
struct postgres_facts {
  server_facts facts = {};
  std::map<std::pair<std::string, std::string>, std::string> names = {};
};

/// Of those tables, which are few. In a transaction that the caller has begun.
[[nodiscard]] postgres_facts facts_of(
    postgres_session& session, const std::vector<std::pair<std::string, std::string>>& tables,
    postgres_session::deadline until);

}  // namespace querytap::detail
