#pragma once

#include "../text/characters.hpp"
#include "../text/dialect_rules.hpp"
#include "../text/overread_text.hpp"
#include "../text/simd16.hpp"

#include <bit>
#include <cstddef>
#include <string_view>

namespace querytap::detail {

[[nodiscard]] inline std::string_view text_between(const char* begin, const char* end) noexcept {
  return {begin, static_cast<std::size_t>(end - begin)};
}

/// Where tokens of SQL end: as in the server's own lexer, except that no text is refused. A token
/// that is not closed goes on to the end of the text.
///
/// Cost     every byte of any text is read a bounded number of times.
/// Source   PostgreSQL 15 scan.l; SQLite 3.40 tokenize.c; MariaDB 10.11 sql_lex.cc.
class sql_lexer {
 public:
  sql_lexer(const overread_text& sql, sql_rules rules) noexcept : end_{sql.end()}, rules_{rules} {}

  [[nodiscard]] const char* end() const noexcept { return end_; }
  [[nodiscard]] sql_rules rules() const noexcept { return rules_; }
  [[nodiscard]] bool is(dialect dialect) const noexcept { return rules_.language == dialect; }

  /// The byte that stands so far ahead, or NUL.
  [[nodiscard]] char peek(const char* at, std::ptrdiff_t ahead) const noexcept {
    return end_ - at > ahead ? at[ahead] : '\0';
  }

  /// Behind the comment that begins here, or null where none does.
  [[nodiscard]] const char* past_comment(const char* at) const noexcept;
  /// `/*!` of MySQL, `/*M!` of MariaDB: these servers execute what follows.
  [[nodiscard]] bool is_code_comment(const char* at) const noexcept {
    if (!is(dialect::mysql) || *at != '/' || peek(at, 1) != '*') return false;
    return peek(at, 2) == '!' || (peek(at, 2) == 'M' && peek(at, 3) == '!');
  }
  [[nodiscard]] const char* past_block_comment(const char* at) const noexcept;
  [[nodiscard]] const char* past_line(const char* at) const noexcept;

  /// From the opening quote of a string to behind the closing quote.
  [[nodiscard]] const char* past_string(const char* quote, bool escapes) const noexcept;
  /// The same for one of the strings that are one string where they follow one another; null where
  /// the quote is not closed.
  [[nodiscard]] const char* past_segment(const char* quote, bool escapes) const noexcept;
  /// The quote of the string that continues the one before, or null.
  [[nodiscard]] const char* next_segment(const char* at, char quote) const noexcept;
  /// From behind the opening quote of a name; null where the name is not closed.
  [[nodiscard]] const char* past_name(const char* at, char closing) const noexcept;
  /// Null where there is no dollar quote.
  [[nodiscard]] const char* past_dollar_quote(const char* at) const noexcept;

  [[nodiscard]] const char* past_word(const char* at) const noexcept;
  [[nodiscard]] const char* past_number(const char* at) const noexcept;
  [[nodiscard]] const char* past_digits(const char* at) const noexcept {
    while (at != end_ && is_ascii_digit(*at)) ++at;
    return at;
  }
  [[nodiscard]] const char* past_operator(const char* at) const noexcept;
  /// SQLite's `:name`, `$a::b(c)` and the like; null where there is none.
  [[nodiscard]] const char* past_parameter(const char* at) const noexcept;

  /// Whether a name begins with this digit, as `2024_orders` of MySQL.
  [[nodiscard]] bool is_name_with_digits(const char* at) const noexcept {
    if (!is(dialect::mysql)) return false;
    const char* digits = past_digits(at);
    return digits != end_ && (is_name_part(*digits) || *digits == '$') &&
           is_name_with_digits(at, digits);
  }
  /// In MySQL `5ec2` is a name as well, but more often a value that should have quotes.
  [[nodiscard]] bool is_number(const char* at) const noexcept {
    if (is_ascii_digit(peek(at, 0))) return !is_name_with_digits(at) || is_hex_word(at);
    return peek(at, 0) == '.' && is_ascii_digit(peek(at, 1));
  }
  /// Behind blanks and comments.
  [[nodiscard]] const char* next_token(const char* at) const noexcept;

 private:
  [[nodiscard]] bool is_name_with_digits(const char* at, const char* digits) const noexcept;
  [[nodiscard]] bool is_hex_word(const char* at) const noexcept;
  /// Behind the closing quote, or null where there is none. The quote stands twice within; with
  /// `escapes`, a backslash takes any byte with it.
  [[nodiscard]] const char* past_quote(const char* at, char quote, bool escapes) const noexcept;
  [[nodiscard]] const char* past_name_parts(const char* at) const noexcept;
  [[nodiscard]] std::ptrdiff_t postgresql_operator_size(const char* at) const noexcept;

  const char* end_;
  sql_rules rules_;
};

inline const char* sql_lexer::past_name_parts(const char* at) const noexcept {
  for (;;) {
    const auto size = static_cast<std::size_t>(std::countr_one(load_before(at, end_).name_parts()));
    at += size;
    if (size != simd16::size) return at;
  }
}

inline const char* sql_lexer::past_word(const char* at) const noexcept {
  for (;;) {
    at = past_name_parts(at);
    if (at == end_ || *at != '$') return at;
    ++at;
  }
}

}  // namespace querytap::detail
