#pragma once

#include <querytap/base/statement_identity.hpp>
#include <querytap/query/known_columns.hpp>

#include <string_view>

namespace querytap::detail {

/// Which words in double quotes of a statement are names although a string could stand in their
/// place: the columns of its tables, and names that the statement itself gives.
class sqlite_columns {
 public:
  /// `draft` is the statement's identity with all such words hidden.
  sqlite_columns(const statement_identity& draft, const known_columns& columns) noexcept
      : draft_{draft}, columns_{columns} {}

  /// `quoted` is the word with its quotes.
  [[nodiscard]] bool is_name(std::string_view quoted) const noexcept;

 private:
  const statement_identity& draft_;
  const known_columns& columns_;
};

}  // namespace querytap::detail
