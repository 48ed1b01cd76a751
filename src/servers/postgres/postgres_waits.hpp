#pragma once

#include "postgres_session.hpp"

#include <querytap/servers/plan_source.hpp>

namespace querytap::detail {

/// What `pg_stat_activity` tells of the session that executes this statement: of several, of the one that
/// began when the call did. `Lock: relation, held by 4711, idle in transaction: update users`.
[[nodiscard]] server_wait wait_of(postgres_session& session, const slow_query& call,
                                  postgres_session::deadline until);

}  // namespace querytap::detail
