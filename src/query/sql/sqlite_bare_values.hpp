#pragma once

#include "../text/spacing.hpp"
#include "lexer.hpp"
#include "word.hpp"

#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// Finds the words of a statement of SQLite that are values although nothing quotes them: those of
/// PRAGMA and ATTACH, and the options of virtual tables.
class sqlite_bare_values {
 public:
  void begin_statement() noexcept {
    form_ = form::none;
    is_in_pragma_value_ = false;
    is_in_option_ = false;
  }
  /// Sees a keyword behind the keyword `previous`; `is_first` where it begins the statement.
  void see(keyword word, keyword previous, bool is_first) noexcept;

  /// Whether a word may be a value.
  [[nodiscard]] bool is_active() const noexcept { return form_ != form::none; }

  /// Whether the next word or name in quotes is one: behind a token of the kind `last`, and behind the
  /// keyword `previous`.
  [[nodiscard]] bool is_value(const sql_word& found, spacing last, keyword previous) noexcept;

 private:
  enum class form : std::uint8_t {
    none,
    pragma,  ///< the value that a pragma is set to, except those that SQLite knows
    attach,  ///< file and key, which SQLite takes for strings
    module,  ///< the options of a virtual table: `filename = x`
  };

  [[nodiscard]] bool is_value_of_pragma(const sql_word& found, spacing last,
                                        keyword previous) noexcept;
  [[nodiscard]] bool is_value_of_module(spacing last) noexcept;

  form form_ = form::none;
  std::string_view pragma_;  ///< the name of a pragma
  bool is_in_pragma_value_ = false;
  bool is_in_option_ = false;  ///< of a virtual table
};

/// Behind the word or the name in quotes that begins at `at`, behind DEFAULT: SQLite takes it for a string.
/// Null where there is none.
[[nodiscard]] const char* past_bare_default(const sql_lexer& lexer, const char* at) noexcept;

}  // namespace querytap::detail
