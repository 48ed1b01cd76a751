#pragma once

#include <cstdint>
#include <optional>

namespace querytap {

/// Whose rules the text of a statement follows: what quotes a string, what starts a comment.
enum class dialect : std::uint8_t {
  postgresql,
  sqlite,
  mysql,    ///< and MariaDB
  redis,    ///< a command as the command line takes it: `SET user:17 "Ada" EX 60`
  mongodb,  ///< a command as extended JSON: `{"find": "users", "filter": {"age": 17}}`
};

/// What a server's settings change in how its text is read. Unset, it is as its makers deliver it.
struct quoting {
  /// Whether `'it\'s'` is one string: so in MySQL without NO_BACKSLASH_ESCAPES, and in PostgreSQL
  /// with standard_conforming_strings off.
  std::optional<bool> backslash_escapes = {};

  /// Whether "x" is a name and nothing else: so in PostgreSQL, and in MySQL with ANSI_QUOTES. Unset,
  /// SQLite has it stand for either, and for a value where values stand.
  std::optional<bool> double_quoted_names = {};
};

}  // namespace querytap
