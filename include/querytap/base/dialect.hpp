#pragma once

#include <cstdint>

namespace querytap {

/// The rules that the text of a statement follows: what quotes a string, what starts a comment.
enum class dialect : std::uint8_t {
  postgresql,
  sqlite,
  mysql,    ///< and MariaDB
  redis,    ///< a command as the command line takes it: `SET user:17 "Ada" EX 60`
  mongodb,  ///< a command as extended JSON: `{"find": "users", "filter": {"age": 17}}`
  /// No language: the text names an operation and what it is for, and is shown as it is. It must hold
  /// no value: `query documents`, `chat gpt-4o`, `GET /users/{id}`.
  named,
};

}  // namespace querytap
