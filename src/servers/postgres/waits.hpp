#pragma once

#include "session.hpp"

#include <querytap/servers/server_inspector.hpp>

#include <optional>
#include <string>

namespace querytap::detail {

/// What the session that executes this statement waits for, by `pg_stat_activity`: of several
/// sessions, the one whose statement began nearest to the call's start. `Lock: relation, held by
/// 4711, idle in transaction: update users`.
[[nodiscard]] server_wait wait_of(postgres_session& session, const call_report& call,
                                  postgres_session::deadline until);

/// The text of the statement that the call executes, with its literals, as `pg_stat_activity` has it.
/// Nothing if the call does not run any more, or the server does not show its text, or not all of it.
[[nodiscard]] std::optional<std::string> running_text(postgres_session& session,
                                                      const call_report& call,
                                                      postgres_session::deadline until);

}  // namespace querytap::detail
