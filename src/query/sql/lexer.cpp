#include "lexer.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

template <class Predicate>
const char* skip_bytes_while(const char* at, const char* end, Predicate is_part) noexcept {
  while (at != end && is_part(*at)) ++at;
  return at;
}

bool is_binary_digit(char c) noexcept { return c == '0' || c == '1'; }

/// Characters of operators that none of SQL's own operators has.
bool is_foreign_operator_part(char c) noexcept { return is_char_of(c, "~!@#%^&|`"); }

}  // namespace

const char* sql_lexer::past_comment(const char* at) const noexcept {
  const char next = peek(at, 1);
  if (*at == '/' && next == '*') return is_code_comment(at) ? nullptr : past_block_comment(at);
  if (*at != '-' || next != '-') return nullptr;
  // In MySQL `5--3` is a subtraction.
  const bool is_comment = !is(dialect::mysql) || end_ - at == 2 || peek(at, 2) <= ' ';
  return is_comment ? past_line(at) : nullptr;
}

const char* sql_lexer::past_line(const char* at) const noexcept {
  const bool stops_at_return = is(dialect::postgresql);
  return skip_bytes_while(at, end_,
                          [=](char c) { return c != '\n' && !(stops_at_return && c == '\r'); });
}

const char* sql_lexer::past_block_comment(const char* at) const noexcept {
  at += 2;
  for (std::size_t depth = 1; depth != 0;) {
    at = std::find_if(at, end_, [](char c) { return c == '*' || c == '/'; });
    if (at == end_) break;
    const bool closes = *at == '*' && peek(at, 1) == '/';
    const bool opens = is(dialect::postgresql) && *at == '/' && peek(at, 1) == '*';
    if (closes) --depth;
    if (opens) ++depth;
    at += closes || opens ? 2 : 1;
  }
  return at;
}

const char* sql_lexer::next_token(const char* at) const noexcept {
  while (at != end_) {
    if (is_blank(*at)) {
      ++at;
    } else if (const char* stop = past_comment(at)) {
      at = stop;
    } else if (*at == '#' && is(dialect::mysql)) {
      at = past_line(at);
    } else {
      break;
    }
  }
  return at;
}

const char* sql_lexer::past_string(const char* quote, bool escapes) const noexcept {
  for (;;) {
    const char* stop = past_segment(quote, escapes);
    if (stop == nullptr) return end_;
    quote = next_segment(stop, *quote);
    if (quote == nullptr) return stop;
  }
}

const char* sql_lexer::past_segment(const char* quote, bool escapes) const noexcept {
  return past_quote(quote + 1, *quote, escapes);
}

const char* sql_lexer::past_name(const char* at, char closing) const noexcept {
  if (closing != ']') return past_quote(at, closing, false);
  const char* found = find_byte(at, end_, closing);
  return found == nullptr ? nullptr : found + 1;
}

const char* sql_lexer::past_quote(const char* at, char quote, bool escapes) const noexcept {
  while (at != end_) {
    const simd16 bytes = load_before(at, end_);
    unsigned marks = bytes.equal_to(quote) | (escapes ? bytes.equal_to('\\') : 0u);
    std::ptrdiff_t read = simd16::size;
    while (marks != 0) {
      const int first = std::countr_zero(marks);
      const bool is_pair = at[first] != quote || peek(at, first + 1) == quote;
      if (!is_pair) return at + first + 1;
      read = std::max<std::ptrdiff_t>(read, first + 2);
      marks &= ~(3u << first);
    }
    at += std::min(read, end_ - at);
  }
  return nullptr;
}

// Strings that follow one another are one string: in PostgreSQL those on different lines, in MySQL
// all. The quotes of the first decide how the next is read.
const char* sql_lexer::next_segment(const char* at, char quote) const noexcept {
  if (is(dialect::sqlite) || at == end_ || !is_char_of(*at, " \t\n\v\f\r-/#'\"")) return nullptr;
  const char* next = next_token(at);
  if (next == end_) return nullptr;
  if (is(dialect::mysql)) {
    const bool is_string = *next == '\'' || (*next == '"' && !rules_.has_quoted_names());
    return is_string ? next : nullptr;
  }
  const bool is_next_line = std::any_of(at, next, [](char c) { return c == '\n' || c == '\r'; });
  return *next == quote && is_next_line ? next : nullptr;
}

const char* sql_lexer::past_dollar_quote(const char* at) const noexcept {
  const char* tag_end = skip_bytes_while(at + 1, end_, is_name_part);
  if (tag_end == end_ || *tag_end != '$' || is_ascii_digit(at[1])) return nullptr;
  const std::string_view tag = text_between(at, tag_end + 1);
  for (const char* next = tag_end + 1;;) {
    next = find_byte(next, end_, '$');
    if (next == nullptr) return end_;
    if (text_between(next, end_).starts_with(tag)) return next + tag.size();
    ++next;
  }
}

// Letters that follow a number belong to the value although the server may refuse them: of
// `0xC0FFEE` no part may be left behind where the server is too old to know it.
const char* sql_lexer::past_number(const char* at) const noexcept {
  const char* stop = past_name_parts(at);
  if (!is_char_of(peek(stop, 0), ".+-")) return stop;
  const bool has_prefix = *at == '0' && is_char_of(ascii_lower(peek(at, 1)), "xob");
  if (has_prefix) return stop;
  if (peek(stop, 0) == '.' && peek(stop, 1) != '.') stop = past_name_parts(stop + 1);
  const bool has_sign = is_char_of(peek(stop, 0), "+-") && is_ascii_digit(peek(stop, 1));
  return has_sign && ascii_lower(stop[-1]) == 'e' ? past_name_parts(stop + 1) : stop;
}

// `1e5` and `0xFF` are numbers, `1ex` and `0xFG` are names. MySQL takes `0XFF` for a name too, but
// whoever writes it means a value.
bool sql_lexer::is_name_with_digits(const char* at, const char* digits) const noexcept {
  const char* stop = past_word(at);
  const char letter = ascii_lower(*digits);
  const char* rest = digits + 1;
  const bool may_have_prefix = *at == '0' && digits == at + 1 && rest != stop;
  if (may_have_prefix && letter == 'x' && std::all_of(rest, stop, is_hex_digit)) return false;
  if (may_have_prefix && letter == 'b' && std::all_of(rest, stop, is_binary_digit)) return false;
  if (letter != 'e') return true;
  const bool has_sign = rest == stop && is_char_of(peek(rest, 0), "+-");
  return !is_ascii_digit(peek(rest, has_sign ? 1 : 0));
}

bool sql_lexer::is_hex_word(const char* at) const noexcept {
  return std::all_of(at, past_word(at), is_hex_digit);
}

// In Tcl's form a name has `::` in it and anything but blanks in brackets behind it.
const char* sql_lexer::past_parameter(const char* at) const noexcept {
  const auto has_scope = [this](const char* sign) {
    return peek(sign, 0) == ':' && peek(sign, 1) == ':';
  };
  const char* stop = past_word(at + 1);
  if (stop == at + 1 && !(has_scope(stop) && is_name_part(peek(stop, 2)))) return nullptr;
  while (has_scope(stop)) stop = past_word(stop + 2);
  if (peek(stop, 0) != '(') return stop;
  stop = std::find_if(stop, end_, [](char c) { return c == ')' || is_blank(c); });
  return peek(stop, 0) == ')' ? stop + 1 : stop;
}

const char* sql_lexer::past_operator(const char* at) const noexcept {
  if (is(dialect::postgresql)) return at + postgresql_operator_size(at);
  static constexpr std::string_view longer[] = {"->>", "<=>", "->", "||", "<=", "<>", "<<",
                                                ">=",  ">>",  "==", "!=", "&&", ":="};
  for (const std::string_view signs : longer) {
    if (*at != signs[0] || peek(at, 1) != signs[1]) continue;
    if (signs.size() == 2 || peek(at, 2) == signs[2]) return at + signs.size();
  }
  return at + 1;
}

// An operator ends in a sign only if it holds a character that none of SQL's own operators has. The
// limit of this look ahead makes a long row of signs linear; no operator is as long.
std::ptrdiff_t sql_lexer::postgresql_operator_size(const char* at) const noexcept {
  constexpr std::ptrdiff_t longest = 16;
  if (*at == '@' && peek(at, 1) == '?') return 2;
  std::ptrdiff_t size = 1;
  bool may_end_in_sign = is_foreign_operator_part(*at);
  for (; size < longest && is_operator_part(peek(at, size)); ++size) {
    const char c = peek(at, size);
    if ((c == '-' && peek(at, size + 1) == '-') || (c == '/' && peek(at, size + 1) == '*')) break;
    may_end_in_sign = may_end_in_sign || is_foreign_operator_part(c);
  }
  while (size > 1 && !may_end_in_sign && is_char_of(at[size - 1], "+-")) --size;
  return size;
}

}  // namespace querytap::detail
