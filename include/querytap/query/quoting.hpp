#pragma once

#include <querytap/base/dialect.hpp>

#include <cstddef>
#include <optional>
#include <string_view>

namespace querytap {

class known_columns;

/// What a server's settings change in how the text of a statement is read.
///
///     identify(sql, dialect::mysql, quoting_of_sql_mode("ANSI_QUOTES,STRICT_TRANS_TABLES"));
///
/// Unset, a setting is unknown: then nothing is shown that is a value under any of its values. From
/// a backslash that may be an escape, all is hidden up to where the readings agree again.
struct quoting {
  /// Whether `'it\'s'` is one string: so in MySQL without NO_BACKSLASH_ESCAPES, and in PostgreSQL
  /// with standard_conforming_strings off. SQLite has no such setting.
  std::optional<bool> backslash_escapes = {};

  /// Whether "x" is always a name: so in PostgreSQL, in MySQL with ANSI_QUOTES, and in SQLite where
  /// SQLITE_DBCONFIG_DQS_DML and SQLITE_DBCONFIG_DQS_DDL are off. If not, it is a value; in SQLite
  /// only where an expression may stand, and not where it is one of `columns`.
  std::optional<bool> double_quoted_names = {};

  /// SQLite's columns, which decide whether "x" is a name. Null: not known. Must live as long as the
  /// call that it is passed to.
  const known_columns* columns = nullptr;
};

/// The settings that a `sql_mode` of MySQL or MariaDB stands for, as `select @@sql_mode` returns it.
[[nodiscard]] quoting quoting_of_sql_mode(std::string_view sql_mode) noexcept;

namespace detail {

/// Whether the identity of this text may be another one under other settings.
[[nodiscard]] bool depends_on_quoting(std::string_view text, dialect dialect) noexcept;

/// A number below `count_of_quotings` that is the same for two settings exactly if they read every
/// text alike, the names of `columns` aside.
[[nodiscard]] std::size_t index_of(const quoting& quotes) noexcept;

inline constexpr std::size_t count_of_quotings = 18;

}  // namespace detail

}  // namespace querytap
