#pragma once

#include "lexer.hpp"

#include <string_view>

namespace querytap::detail {

/// From token to token of a SQL text, by one way to read its quotes. For texts that are sent as they
/// are, and not shown: the normaliser has rules of its own.
///
/// Cost     the lexer's: linear.
class token_walk {
 public:
  /// Whether a backslash is an escape in '…' and in "…".
  struct escape_places {
    bool in_single = false;
    bool in_double = false;
  };

  token_walk(const sql_lexer& lexer, escape_places escapes) noexcept
      : lexer_{lexer}, escapes_{escapes} {}

  /// Behind the comment that begins here, or null.
  [[nodiscard]] const char* past_comment(const char* at) const noexcept {
    if (*at == '#' && lexer_.is(dialect::mysql)) return lexer_.past_line(at);
    return lexer_.past_comment(at);
  }

  /// Behind the token that begins here, which is neither blank nor comment; null where it is a
  /// string or a name that is not closed.
  [[nodiscard]] const char* past_token(const char* at) const noexcept {
    switch (*at) {
      case '\'': return lexer_.past_segment(at, escapes_.in_single);
      case '"': return lexer_.past_segment(at, escapes_.in_double);
      case '`': return is_postgresql() ? at + 1 : lexer_.past_name(at + 1, '`');
      case '[': return lexer_.is(dialect::sqlite) ? lexer_.past_name(at + 1, ']') : at + 1;
      case '$': return is_postgresql() ? past_dollar(at) : at + 1;
      default: return is_name_part(*at) ? past_word_or_string(at) : at + 1;
    }
  }

 private:
  [[nodiscard]] bool is_postgresql() const noexcept { return lexer_.is(dialect::postgresql); }

  [[nodiscard]] const char* past_dollar(const char* at) const noexcept {
    const char* const stop = lexer_.past_dollar_quote(at);
    if (stop == nullptr) return at + 1;
    if (stop != lexer_.end()) return stop;
    const std::string_view quoted = text_between(at, stop);
    const std::string_view tag = quoted.substr(0, quoted.find('$', 1) + 1);
    return quoted.substr(tag.size()).ends_with(tag) ? stop : nullptr;
  }

  /// PostgreSQL's E'…' has escapes whatever the settings are.
  [[nodiscard]] const char* past_word_or_string(const char* at) const noexcept {
    const char* const stop = lexer_.past_word(at);
    const bool is_escaped = is_postgresql() && stop - at == 1 && ascii_lower(*at) == 'e' &&
                            lexer_.peek(stop, 0) == '\'';
    return is_escaped ? lexer_.past_segment(stop, true) : stop;
  }

  const sql_lexer& lexer_;
  escape_places escapes_;
};

}  // namespace querytap::detail
