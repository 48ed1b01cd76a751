#include "code_comments.hpp"

#include "readings.hpp"

#include <algorithm>
#include <string_view>

namespace querytap::detail {

const char* code_comments::past_mark(const char* at) noexcept {
  if (lexer_.is_code_comment(at)) {
    if (is_odd(at)) return nullptr;
    is_in_comment_ = true;
    return past_begin(at);
  }
  if (!is_in_comment_ || *at != '*' || lexer_.peek(at, 1) != '/') return nullptr;
  is_in_comment_ = false;
  return at + 2;
}

bool code_comments::is_odd(const char* at) noexcept {
  if (!lexer_.is_code_comment(at) || at < end_of_last_) return false;
  const char* stop = past_whole(at);
  if (stop != nullptr) end_of_last_ = stop;
  return stop == nullptr;
}

/// Behind the mark and the oldest version of a server that executes the comment: five or six digits, any
/// fewer are code.
const char* code_comments::past_begin(const char* at) const noexcept {
  constexpr std::ptrdiff_t fewest = 5;
  constexpr std::ptrdiff_t most = 6;
  at = std::find(at, lexer_.end(), '!') + 1;
  const std::ptrdiff_t digits = lexer_.past_digits(at) - at;
  return digits < fewest ? at : at + std::min(digits, most);
}

/// Behind the whole comment. Null where a server that executes it and one that skips it may go on in
/// different places, of which one is the inside of a string: a quote in it is not closed, or is around a
/// mark of comments.
///
/// Servers look for the end of what they skip regardless of quotes, and some count the comments within:
/// both readings stay in step where each mark of a comment is also one between tokens.
const char* code_comments::past_whole(const char* at) const noexcept {
  for (std::size_t depth = 0; at != lexer_.end();) {
    if (lexer_.is_code_comment(at)) {
      ++depth;
      at = past_begin(at);
    } else if (*at == '*' && lexer_.peek(at, 1) == '/') {
      at += 2;
      if (--depth == 0) return at;
    } else if (*at == '/' && lexer_.peek(at, 1) == '*') {
      at = lexer_.past_block_comment(at);
    } else if (const char* stop = past_opaque(at)) {
      const std::string_view token = text_between(at, stop);
      if (token.find("*/") != token.npos || token.find("/*") != token.npos) return nullptr;
      at = stop;
    } else {
      ++at;
    }
  }
  return at;
}

/// Behind the string, the name in quotes or the comment to the end of the line that begins here; null
/// where none does.
const char* code_comments::past_opaque(const char* at) const noexcept {
  switch (characters_of(lexer_.rules())[static_cast<unsigned char>(*at)]) {
    case character_class::string: return lexer_.past_string(at, false);
    case character_class::escaped_string: return lexer_.past_string(at, true);
    case character_class::doubtful_string: return past_doubtful_string(lexer_, at);
    case character_class::quoted_name: {
      const char* stop = lexer_.past_name(at + 1, *at);
      return stop == nullptr ? lexer_.end() : stop;
    }
    case character_class::line_comment: return lexer_.past_line(at);
    case character_class::dash: return lexer_.past_comment(at);
    default: return nullptr;
  }
}

}  // namespace querytap::detail
