#pragma once

#include "token.hpp"

#include <querytap/query/dialect.hpp>

#include <cstddef>
#include <string_view>

namespace querytap::detail {

/// Cuts SQL into tokens, as the server's own lexer would, and never refuses anything.
///
///     for (token t = lex.next(); t.kind != token_kind::end; t = lex.next()) …
///
/// Cost     every byte is read a bounded number of times, however the text is made.
/// Lifetime tokens point into the text.
/// Source   PostgreSQL 15 scan.l with standard_conforming_strings on; SQLite 3.40 tokenize.c.
class lexer {
 public:
  lexer(std::string_view sql, dialect rules) noexcept
      : at_{sql.data()},
        end_{sql.data() + sql.size()},
        is_postgresql_{rules == dialect::postgresql} {}

  [[nodiscard]] token next() noexcept;
  [[nodiscard]] bool is_before_number() const noexcept;

 private:
  [[nodiscard]] char peek(std::ptrdiff_t ahead) const noexcept {
    return end_ - at_ > ahead ? at_[ahead] : '\0';
  }

  void skip_line_comment() noexcept;
  void skip_block_comment() noexcept;
  [[nodiscard]] bool skip_comment() noexcept;

  [[nodiscard]] token take(token_kind kind, const char* stop) noexcept;
  [[nodiscard]] token take_symbol(std::ptrdiff_t size) noexcept;
  [[nodiscard]] token take_operator(std::ptrdiff_t size) noexcept;
  [[nodiscard]] token take_word(const char* stop) noexcept;
  [[nodiscard]] token take_quoted_name(const char* stop) noexcept;
  [[nodiscard]] token take_rest() noexcept;

  [[nodiscard]] token lex() noexcept;
  [[nodiscard]] token lex_word() noexcept;
  [[nodiscard]] token lex_prefix(const char* stop) noexcept;
  [[nodiscard]] token lex_postgresql_prefix(const char* stop) noexcept;
  [[nodiscard]] token lex_number() noexcept;
  [[nodiscard]] token lex_string(const char* from, bool escapes) noexcept;
  [[nodiscard]] token lex_quoted_name(const char* from, char quote) noexcept;
  [[nodiscard]] token lex_bracketed_name() noexcept;
  [[nodiscard]] token lex_dollar() noexcept;
  [[nodiscard]] token lex_dollar_quote() noexcept;
  [[nodiscard]] token lex_question_mark() noexcept;
  [[nodiscard]] token lex_colon() noexcept;
  [[nodiscard]] token lex_variable() noexcept;
  [[nodiscard]] token lex_operator() noexcept;
  [[nodiscard]] std::ptrdiff_t postgresql_operator_size() const noexcept;
  [[nodiscard]] std::ptrdiff_t sqlite_operator_size() const noexcept;

  [[nodiscard]] const char* past_quote(const char* from, char quote) const noexcept;
  [[nodiscard]] const char* past_escaped(const char* from) const noexcept;
  [[nodiscard]] const char* next_segment(const char* from) const noexcept;
  [[nodiscard]] const char* past_exponent(const char* from) const noexcept;

  const char* at_;
  const char* end_;
  bool is_postgresql_;
  bool after_dot_ = false;
};

}  // namespace querytap::detail
