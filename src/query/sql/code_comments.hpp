#pragma once

#include "lexer.hpp"

namespace querytap::detail {

/// The comments of MySQL and MariaDB whose text the server executes: `/*!40101 … */`. Their marks are
/// blanks to whoever reads the text in one go.
///
/// Cost     nothing while there is none.
class code_comments {
 public:
  explicit code_comments(const sql_lexer& lexer) noexcept : lexer_{lexer} {}

  /// Behind the mark that begins or ends such a comment: `/*!40101` and `*/`. Null where there is no
  /// mark, and where the comment is odd.
  [[nodiscard]] const char* past_mark(const char* at) noexcept;

  /// Whether a server that is too old for the comment skips it to another place than one that executes
  /// it comes to: what follows may be code or the inside of a string.
  [[nodiscard]] bool is_odd(const char* at) noexcept;

 private:
  [[nodiscard]] const char* past_begin(const char* at) const noexcept;
  [[nodiscard]] const char* past_whole(const char* at) const noexcept;
  [[nodiscard]] const char* past_opaque(const char* at) const noexcept;

  const sql_lexer& lexer_;
  const char* end_of_last_ = nullptr;  ///< of the comment that was looked at last
  bool is_in_comment_ = false;
};

}  // namespace querytap::detail
