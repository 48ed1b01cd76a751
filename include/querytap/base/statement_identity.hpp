#pragma once

#include <querytap/base/backend_kind.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace querytap {

enum class statement_kind : std::uint8_t {
  read,
  write,
  definition,   ///< CREATE, ALTER, DROP, GRANT …
  transaction,  ///< BEGIN, COMMIT, SAVEPOINT …
  other,        ///< SET, EXPLAIN, VACUUM, and every unknown statement
};

[[nodiscard]] constexpr std::string_view to_string(statement_kind kind) noexcept {
  switch (kind) {
    case statement_kind::read: return "read";
    case statement_kind::write: return "write";
    case statement_kind::definition: return "definition";
    case statement_kind::transaction: return "transaction";
    case statement_kind::other: break;
  }
  return "other";
}

/// What makes two statements the same query: everything about a statement except its literals.
///
/// Source   `db.query.text` and `db.query.summary` of the OpenTelemetry database conventions.
struct statement_identity {
  std::uint64_t fingerprint =
      0;  ///< groups statements that differ only in literals, case or spacing
  /// Sanitised: every literal replaced by `?`. The place of a column, as in `order by 2`, is none.
  std::string text = {};
  std::string summary = {};  ///< operations and targets in source order, at most 255 characters
  std::vector<std::string> tables = {};  ///< each once, as written and in source order
  statement_kind kind = statement_kind::other;
  backend_kind backend = backend_kind::database;  ///< whose conventions name its calls
  bool is_command = false;  ///< of Redis: its summary is what the conventions call the operation
  bool is_named = false;    ///< in no language: see dialect::named
};

}  // namespace querytap
