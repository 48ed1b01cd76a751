#pragma once

#include "mysql_session.hpp"

#include <querytap/servers/server_inspector.hpp>

#include <optional>
#include <string>

namespace querytap::detail {

/// What the session that executes this statement waits for: of several sessions, the one whose
/// statement began nearest to the call's start. `Lock: row of documents.users, held by 4711, idle in
/// transaction`.
[[nodiscard]] server_wait wait_in_mysql(mysql_session& session, const call_report& call,
                                        mysql_session::deadline until);

/// The text of the statement that the call executes, with its literals, as the server's list of
/// processes has it. Nothing if the call does not run any more, or the server does not show its text.
[[nodiscard]] std::optional<std::string> text_in_mysql(mysql_session& session,
                                                       const call_report& call,
                                                       mysql_session::deadline until);

}  // namespace querytap::detail
