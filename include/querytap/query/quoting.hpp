#pragma once

#include <optional>

namespace querytap {

/// What a server's settings change in how its text is read. Unset, a setting has the value that the
/// server is delivered with.
struct quoting {
  /// Whether `'it\'s'` is one string: so in MySQL without NO_BACKSLASH_ESCAPES, and in PostgreSQL
  /// with standard_conforming_strings off.
  std::optional<bool> backslash_escapes = {};

  /// Whether "x" is always a name: so in PostgreSQL, and in MySQL with ANSI_QUOTES. Unset, "x" in
  /// SQLite is a value where values stand, and else a name.
  std::optional<bool> double_quoted_names = {};
};

}  // namespace querytap
