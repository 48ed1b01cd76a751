#pragma once

#include <querytap/base/dialect.hpp>
#include <querytap/snapshot/source_report.hpp>

#include <string_view>

namespace querytap::detail {

/// Remembers the statement as one that probes and collectors of this process ask servers, so that no other client is
/// named for it. Of some hundred different ones; further ones are not remembered.
///
/// Threads  any. No lock.
void note_own_question(std::string_view text, dialect language);

/// The same for several statements, with semicolons between them and nowhere else.
void note_own_questions(std::string_view texts, dialect language);

/// Whether the statement, or for a server that counts operations as a whole its operation, is one of those.
[[nodiscard]] bool is_own_question(const server_statement& statement);

}  // namespace querytap::detail
