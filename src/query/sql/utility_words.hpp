#pragma once

#include "../text/keyword.hpp"
#include "word.hpp"

#include <querytap/base/dialect.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap::detail {

/// Finds the words of a utility statement that are data although nothing quotes them: what a
/// setting is set to, as in `set app.user_id = alice`, and names that programs make up, as in
/// `fetch 5 from c1`.
///
///     utility_words utility;
///     utility.begin_statement(set, dialect::postgresql);   // its first word
///     utility.role_of(alice, ahead, true);                 // role::data
///     utility.value();  utility.symbol(',');               // every other token
///
/// A word that is data is then passed to `value()`, as the `?` is that replaces it: the state after
/// a sanitised statement is that after the statement.
///
/// Source   gram.y of PostgreSQL 15, parse.y of SQLite 3.40, sql_yacc.yy of MariaDB 10.11.
class utility_words {
 public:
  enum class role : std::uint8_t {
    grammar,
    data,
    assignment,   ///< TO, which means the same as `=`
    transaction,  ///< of PREPARE TRANSACTION
    prefix_end,   ///< behind this word begins the statement that matters
  };

  /// What stands behind a word.
  struct lookahead {
    char first = '\0';  ///< of the next token
    keyword word = keyword::none;
  };

  void begin_statement(keyword first, dialect language) noexcept;
  /// Behind WHERE, CURRENT begins WHERE CURRENT OF and the name of a cursor.
  void begin_cursor() noexcept { enter(form::cursor, part::grammar); }
  void finish() noexcept { form_ = form::none; }

  /// Whether the tokens to come are to be passed to this object.
  [[nodiscard]] bool is_active() const noexcept { return form_ != form::none; }

  /// `is_operand` where an operand is expected rather than an operator. Not called for `…`, which
  /// marks where a text was cut.
  [[nodiscard]] role role_of(const sql_word& word, lookahead ahead, bool is_operand) noexcept;
  void value() noexcept;
  void symbol(char sign) noexcept;

  /// Whether the bracket that is next opens a list of values.
  [[nodiscard]] bool opens_list() const noexcept {
    return form_ == form::execute && part_ == part::behind_name;
  }
  /// Whether `@word` is the host of an account rather than a variable.
  [[nodiscard]] bool is_in_account() const noexcept {
    if (form_ != form::setting) return form_ == form::kill;
    return part_ == part::account || (part_ != part::setting && subject_ == subject::account);
  }
  /// Whether a sign that is next belongs to a number: `fetch -1 from c`.
  [[nodiscard]] bool is_before_number() const noexcept {
    return (form_ == form::setting && part_ == part::value) ||
           (form_ == form::names && part_ == part::grammar);
  }
  /// True once where a list of values begins behind the last token, or ends before it.
  [[nodiscard]] bool begins_list() noexcept { return take(begins_list_); }
  [[nodiscard]] bool ends_list() noexcept { return take(ends_list_); }

 private:
  enum class form : std::uint8_t {
    none,
    names,  ///< every word is data, except those that are part of this statement's grammar
    kill,
    prepare,
    declare,
    execute,
    explain,
    setting,
    definition,  ///< of an account, or of what has settings of its own
    cursor,
    drop,
  };
  enum class part : std::uint8_t {
    grammar,
    object,        ///< behind CREATE or ALTER, before the sort of object
    savepoint,     ///< a name, or SAVEPOINT and a name
    name,          ///< a name that a program made up
    behind_name,   ///< behind such a name
    setting,       ///< the name of a setting
    account,       ///< the name of an account
    value,         ///< what a setting is set to
    behind_value,  ///< behind such a value, where a comma continues it
    secret,        ///< what a password is set to
  };
  enum class subject : std::uint8_t { setting, account, zone, single };

  [[nodiscard]] static bool take(bool& flag) noexcept {
    const bool was = flag;
    flag = false;
    return was;
  }
  void enter(form as, part first) noexcept {
    form_ = as;
    part_ = first;
  }
  void begin_value(subject as) noexcept;
  [[nodiscard]] bool is_mysql() const noexcept { return language_ == dialect::mysql; }

  [[nodiscard]] bool is_grammar_of_names(std::string_view word) const noexcept;
  [[nodiscard]] role role_among_names(const sql_word& word) noexcept;
  [[nodiscard]] role role_in_prepare(const sql_word& word, lookahead ahead) noexcept;
  [[nodiscard]] role role_in_declare(const sql_word& word) noexcept;
  [[nodiscard]] role role_in_execute(const sql_word& word) noexcept;
  [[nodiscard]] role role_in_explain(const sql_word& word) noexcept;
  [[nodiscard]] role role_in_setting(const sql_word& word, lookahead ahead,
                                     bool is_operand) noexcept;
  [[nodiscard]] role role_in_name_of_setting(const sql_word& word, lookahead ahead) noexcept;
  [[nodiscard]] role role_in_value(const sql_word& word, lookahead ahead, bool is_operand) noexcept;
  [[nodiscard]] role role_in_expression(const sql_word& word, lookahead ahead,
                                        bool is_operand) const noexcept;
  [[nodiscard]] role role_in_definition(const sql_word& word, lookahead ahead) noexcept;
  [[nodiscard]] role role_of_object(const sql_word& word) noexcept;
  [[nodiscard]] role role_of_clause(const sql_word& word) noexcept;
  [[nodiscard]] role role_of_secret(const sql_word& word, lookahead ahead) noexcept;
  [[nodiscard]] role role_in_cursor(const sql_word& word) noexcept;
  [[nodiscard]] role role_in_drop(const sql_word& word) noexcept;

  form form_ = form::none;
  part part_ = part::grammar;
  subject subject_ = subject::setting;
  dialect language_ = dialect::postgresql;
  keyword verb_ = keyword::none;
  std::string_view previous_ = {};  ///< the word just before, in the name of a setting
  std::size_t depth_ = 0;           ///< of brackets
  bool is_after_dot_ = false;
  bool is_prefix_ = false;      ///< of SET STATEMENT … FOR
  bool is_identified_ = false;  ///< behind IDENTIFIED
  bool begins_list_ = false;
  bool ends_list_ = false;
};

}  // namespace querytap::detail
