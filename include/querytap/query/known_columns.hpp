#pragma once

#include <querytap/base/statement_identity.hpp>

#include <string_view>

namespace querytap {

/// Tells which names are columns of a database: what SQLite itself asks before it takes a word in
/// double quotes for a string.
///
/// Threads  the caller's of identify().
/// Cost     asked once for each word in double quotes that stands where a string could stand.
class known_columns {
 public:
  /// Whether a table that the statement names has a column of this name. `draft` is the identity
  /// with all such words hidden.
  [[nodiscard]] virtual bool has_column(const statement_identity& draft,
                                        std::string_view name) const noexcept = 0;

 protected:
  known_columns() = default;
  known_columns(const known_columns&) = default;
  known_columns& operator=(const known_columns&) = default;
  ~known_columns() = default;
};

}  // namespace querytap
