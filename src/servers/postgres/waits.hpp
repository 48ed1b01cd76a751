#pragma once

#include "session.hpp"

#include <querytap/servers/server_inspector.hpp>

namespace querytap::detail {

/// What `pg_stat_activity` tells of the session that executes this statement: of several, of the one that
/// began when the call did. `Lock: relation, held by 4711, idle in transaction: update users`.
[[nodiscard]] server_wait wait_of(postgres_session& session, const call_report& call,
                                  postgres_session::deadline until);

}  // namespace querytap::detail
