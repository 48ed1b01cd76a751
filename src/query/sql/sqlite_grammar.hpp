#pragma once

#include "lexer.hpp"
#include "sqlite_words.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// Follows a text of SQLite as far as it takes to tell what a word in double quotes is. To SQLite
/// that is a name where the grammar has a name, and where the grammar has an expression a column if
/// there is one of that name, and else a string.
///
///     sqlite_grammar grammar{begin, lexer};
///     grammar.place_of(at, stop);     // for one word after the other
///
/// A text that is not SQLite's, or is nested too deep, has no place for a name.
///
/// Cost     nothing until it is asked; then each byte up to the word is read once.
/// Source   SQLite 3.40 parse.y, and resolve.c for strings in double quotes.
class sqlite_grammar {
 public:
  enum class place : std::uint8_t {
    name,     ///< only a name can stand here
    operand,  ///< a column or a string
    value,    ///< a string: no column can stand here
  };

  sqlite_grammar(const char* begin, const sql_lexer& lexer) noexcept : lexer_{lexer}, at_{begin} {}

  /// What the word is that begins here and ends at `stop`. No word may lie before that of an
  /// earlier call.
  [[nodiscard]] place place_of(const char* at, const char* stop) noexcept;

 private:
  /// What the next token is, as a rule.
  enum class expected : std::uint8_t {
    statement,  ///< a statement's first word
    name,
    operand,
    operation,  ///< an operand is complete: an operator, a comma or an alias
  };

  /// What stands between commas, and in brackets.
  enum class list : std::uint8_t {
    expressions,
    rows,         ///< of VALUES
    tables,       ///< of FROM
    names,        ///< of columns
    assignments,  ///< of SET
    definitions,  ///< of columns and constraints
    queries,      ///< of WITH
    windows,
    module_arguments,  ///< of a virtual table: any text
  };

  struct bracket_level {
    list items;
    bool has_aliases;  ///< a name may follow an operand
    bool has_columns;  ///< a column may be an operand
  };

  static constexpr std::size_t deepest = 64;

  void advance(const char* stop) noexcept;
  [[nodiscard]] const char* read_token(const char* at) noexcept;
  [[nodiscard]] const char* read_bare_word(const char* at) noexcept;
  [[nodiscard]] const char* read_parameter(const char* at) noexcept;
  [[nodiscard]] const char* past_closing(const char* at, char closing) const noexcept;
  [[nodiscard]] bool is_before_name(const char* at) const noexcept;

  void add_operand() noexcept;
  void add_sign(char sign) noexcept;
  void add_comma() noexcept;
  void open() noexcept;
  void close() noexcept;
  void begin_statement() noexcept;

  void add_word(sqlite_word word, bool is_before_name) noexcept;
  // Whether the word means anything where it stands; else it is a name.
  [[nodiscard]] bool begin_with(sqlite_word first) noexcept;
  [[nodiscard]] bool add_word_of_attach(sqlite_word word) noexcept;
  [[nodiscard]] bool add_clause(sqlite_word word) noexcept;
  [[nodiscard]] bool add_part_of_clause(sqlite_word word, bool is_before_name) noexcept;
  [[nodiscard]] bool add_word_of_definition(sqlite_word word) noexcept;
  [[nodiscard]] bool add_object(sqlite_word word) noexcept;
  void add_as() noexcept;
  void add_from() noexcept;
  void add_into() noexcept;
  void add_on() noexcept;
  void add_values() noexcept;

  void note(sqlite_word word) noexcept {
    before_last_ = last_;
    last_ = word;
    is_after_dot_ = false;
    is_after_bracket_ = false;
  }
  void expect(expected next, list in_brackets = list::expressions) noexcept {
    expected_ = next;
    in_brackets_ = in_brackets;
  }
  void enter(list items, expected next, bool has_aliases = false) noexcept {
    level_ = {items, has_aliases, true};
    expect(next);
  }
  [[nodiscard]] bool has(sqlite_word verb) const noexcept { return verb_ == verb; }
  [[nodiscard]] bool is_name_of_attached(const char* next) const noexcept;
  /// What stands in the brackets behind the name of a new table or view.
  [[nodiscard]] list brackets_of_object() const noexcept;
  void end_header() noexcept;

  const sql_lexer& lexer_;
  const char* at_;

  expected expected_ = expected::statement;
  list in_brackets_ = list::expressions;  ///< what the next bracket opens
  bracket_level level_{list::expressions, false, true};
  sqlite_word verb_ = sqlite_word::other;    ///< the statement's first word
  sqlite_word object_ = sqlite_word::other;  ///< what CREATE makes, up to the end of its header
  sqlite_word last_ = sqlite_word::other;    ///< the last token, if it is one of these words
  sqlite_word before_last_ = sqlite_word::other;
  bool is_after_dot_ = false;
  bool is_after_bracket_ = false;  ///< an opening one
  bool is_in_value_ = false;       ///< of a pragma
  std::string_view pragma_;        ///< its name

  std::size_t depth_ = 0;
  std::array<bracket_level, deepest> levels_;  // filled as far as `depth_`
};

}  // namespace querytap::detail
