#include "lexer.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

template <class Predicate>
const char* skip_while(const char* from, const char* end, Predicate is_part) noexcept {
  while (from != end && is_part(*from)) ++from;
  return from;
}

std::string_view between(const char* from, const char* to) noexcept {
  return {from, static_cast<std::size_t>(to - from)};
}

/// Of these, the ones that none of SQL's own operators has.
bool is_foreign_part(char c) noexcept { return is_one_of(c, "~!@#%^&|`"); }

}  // namespace

const char* lexer::past_comment(const char* at) const noexcept {
  const char next = peek(at, 1);
  if (*at == '/' && next == '*') return is_code_comment(at) ? nullptr : past_block_comment(at);
  if (*at != '-' || next != '-') return nullptr;
  // In MySQL `5--3` is a subtraction.
  const bool is_comment = !is(dialect::mysql) || end_ - at == 2 || peek(at, 2) <= ' ';
  return is_comment ? past_line(at) : nullptr;
}

const char* lexer::past_line(const char* at) const noexcept {
  const bool stops_at_return = is(dialect::postgresql);
  return skip_while(at, end_, [=](char c) { return c != '\n' && !(stops_at_return && c == '\r'); });
}

const char* lexer::past_block_comment(const char* at) const noexcept {
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

const char* lexer::next_token(const char* at) const noexcept {
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

const char* lexer::past_string(const char* quote, bool escapes) const noexcept {
  for (;;) {
    const char* stop = escapes ? past_escaped(quote + 1, *quote) : past_quote(quote + 1, *quote);
    if (stop == nullptr) return end_;
    quote = next_segment(stop, *quote);
    if (quote == nullptr) return stop;
  }
}

const char* lexer::past_name(const char* from, char closing) const noexcept {
  if (closing != ']') return past_quote(from, closing);
  const char* found = find(from, end_, closing);
  return found == nullptr ? nullptr : found + 1;
}

/// Behind the closing quote, or null where there is none.
const char* lexer::past_quote(const char* from, char quote) const noexcept {
  for (;;) {
    const char* found = find(from, end_, quote);
    if (found == nullptr) return nullptr;
    if (peek(found, 1) != quote) return found + 1;
    from = found + 2;
  }
}

const char* lexer::past_escaped(const char* from, char quote) const noexcept {
  for (;;) {
    from = std::find_if(from, end_, [quote](char c) { return c == quote || c == '\\'; });
    if (from == end_) return nullptr;
    const bool is_pair = *from == '\\' || peek(from, 1) == quote;
    if (!is_pair) return from + 1;
    if (end_ - from < 2) return nullptr;
    from += 2;
  }
}

// Strings that follow one another are one: in PostgreSQL those on different lines, in MySQL all.
// How the first is quoted decides how the next one is read.
const char* lexer::next_segment(const char* from, char quote) const noexcept {
  if (is(dialect::sqlite) || from == end_ || !is_one_of(*from, " \t\n\v\f\r-/#'\"")) return nullptr;
  const char* next = next_token(from);
  if (next == end_) return nullptr;
  if (is(dialect::mysql)) {
    const bool is_string = *next == '\'' || (*next == '"' && !rules_.double_quoted_names);
    return is_string ? next : nullptr;
  }
  const bool is_next_line = std::any_of(from, next, [](char c) { return c == '\n' || c == '\r'; });
  return *next == quote && is_next_line ? next : nullptr;
}

const char* lexer::past_dollar_quote(const char* at) const noexcept {
  const char* tag_end = skip_while(at + 1, end_, is_name_part);
  if (tag_end == end_ || *tag_end != '$' || is_digit(at[1])) return nullptr;
  const std::string_view tag = between(at, tag_end + 1);
  for (const char* from = tag_end + 1;;) {
    from = find(from, end_, '$');
    if (from == nullptr) return end_;
    if (between(from, end_).starts_with(tag)) return from + tag.size();
    ++from;
  }
}

const char* lexer::past_digits(const char* from) const noexcept {
  return skip_while(from, end_, is_digit);
}

const char* lexer::past_number_part(const char* from) const noexcept {
  const char* stop = past_word(from);
  return std::find(from, stop, '$');
}

// Letters that follow a number are taken with it, wrong as they are: `0xC0FFEE` must not leave a
// part of itself behind where the server is too old to know it.
const char* lexer::past_number(const char* from) const noexcept {
  const bool has_prefix = *from == '0' && is_one_of(small(peek(from, 1)), "xob");
  const char* stop = past_number_part(from);
  if (has_prefix) return stop;
  if (peek(stop, 0) == '.' && peek(stop, 1) != '.') stop = past_number_part(stop + 1);
  const bool has_sign = is_one_of(peek(stop, 0), "+-") && is_digit(peek(stop, 1));
  return has_sign && small(stop[-1]) == 'e' ? past_number_part(stop + 1) : stop;
}

const char* lexer::past_operator(const char* at) const noexcept {
  if (is(dialect::postgresql)) return at + postgresql_operator_size(at);
  static constexpr std::string_view longer[] = {"->>", "<=>", "->", "||", "<=", "<>", "<<",
                                                ">=",  ">>",  "==", "!=", "&&", ":="};
  for (const std::string_view each : longer) {
    if (*at != each[0] || peek(at, 1) != each[1]) continue;
    if (each.size() == 2 || peek(at, 2) == each[2]) return at + each.size();
  }
  return at + 1;
}

// An operator ends in a sign only if it holds a character that none of SQL's own operators has. To
// know takes a look ahead, and its limit keeps a long row of signs linear; no operator is as long.
std::ptrdiff_t lexer::postgresql_operator_size(const char* at) const noexcept {
  constexpr std::ptrdiff_t longest = 16;
  if (*at == '@' && peek(at, 1) == '?') return 2;
  std::ptrdiff_t size = 1;
  bool may_end_in_sign = is_foreign_part(*at);
  for (; size < longest && is_operator_part(peek(at, size)); ++size) {
    const char c = peek(at, size);
    if ((c == '-' && peek(at, size + 1) == '-') || (c == '/' && peek(at, size + 1) == '*')) break;
    may_end_in_sign = may_end_in_sign || is_foreign_part(c);
  }
  while (size > 1 && !may_end_in_sign && is_one_of(at[size - 1], "+-")) --size;
  return size;
}

}  // namespace querytap::detail
