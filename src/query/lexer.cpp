#include "lexer.hpp"

#include "characters.hpp"
#include "word_hash.hpp"

#include <cstring>

namespace querytap::detail {
namespace {

constexpr std::uint64_t seed_of_symbol = 0x5BE0CD19137E2179u;
constexpr std::uint64_t seed_of_operator = 0x3C6EF372FE94F82Bu;
constexpr std::uint64_t seed_of_quoted_name = 0x510E527FADE682D1u;

const char* find(const char* from, const char* end, char wanted) noexcept {
  if (from == end) return nullptr;
  return static_cast<const char*>(std::memchr(from, wanted, static_cast<std::size_t>(end - from)));
}

template <class Predicate>
const char* skip_while(const char* from, const char* end, Predicate is_part) noexcept {
  while (from != end && is_part(*from)) ++from;
  return from;
}

std::string_view between(const char* from, const char* to) noexcept {
  return {from, static_cast<std::size_t>(to - from)};
}

bool is_one_of(char c, std::string_view all) noexcept { return all.find(c) != all.npos; }

}  // namespace

token lexer::next() noexcept {
  for (; at_ != end_; ++at_) {
    const character first = class_of(*at_);
    if (first == character::letter) return lex_word();
    if (first == character::other) return take_symbol(1);
    if (first == character::blank) continue;
    if (first != character::operation || !skip_comment()) return lex();
    --at_;
  }
  return {};
}

bool lexer::is_before_number() const noexcept {
  lexer ahead = *this;
  return ahead.next().kind == token_kind::number;
}

token lexer::lex() noexcept {
  switch (class_of(*at_)) {
    case character::digit: return lex_number();
    case character::quote: return lex_string(at_ + 1, false);
    case character::double_quote: return lex_quoted_name(at_ + 1, '"');
    case character::backtick:
      return is_postgresql_ ? lex_operator() : lex_quoted_name(at_ + 1, '`');
    case character::bracket: return is_postgresql_ ? take_symbol(1) : lex_bracketed_name();
    case character::dollar: return lex_dollar();
    case character::question_mark: return lex_question_mark();
    case character::variable: return is_postgresql_ ? lex_operator() : lex_variable();
    case character::colon: return is_postgresql_ ? lex_colon() : lex_variable();
    case character::dot: return is_digit(peek(1)) ? lex_number() : take_symbol(1);
    case character::operation: return lex_operator();
    default: return take_symbol(1);
  }
}

bool lexer::skip_comment() noexcept {
  if (*at_ == '-' && peek(1) == '-') {
    skip_line_comment();
    return true;
  }
  if (*at_ == '/' && peek(1) == '*') {
    skip_block_comment();
    return true;
  }
  return false;
}

void lexer::skip_line_comment() noexcept {
  const bool stops_at_return = is_postgresql_;
  at_ = skip_while(at_, end_, [=](char c) { return c != '\n' && !(stops_at_return && c == '\r'); });
}

void lexer::skip_block_comment() noexcept {
  at_ += 2;
  for (std::size_t depth = 1; at_ != end_ && depth != 0;) {
    const bool closes = *at_ == '*' && peek(1) == '/';
    const bool opens = is_postgresql_ && *at_ == '/' && peek(1) == '*';
    if (closes) --depth;
    if (opens) ++depth;
    at_ += closes || opens ? 2 : 1;
  }
}

token lexer::take(token_kind kind, const char* stop) noexcept {
  token taken;
  taken.kind = kind;
  taken.text = between(at_, stop);
  at_ = stop;
  after_dot_ = false;
  return taken;
}

token lexer::take_symbol(std::ptrdiff_t size) noexcept {
  if (size != 1) return take_operator(size);
  const char symbol = *at_;
  token taken = take(token_kind::symbol, at_ + 1);
  taken.hash = mixed(seed_of_symbol, static_cast<unsigned char>(symbol));
  taken.symbol = symbol;
  after_dot_ = symbol == '.';
  return taken;
}

token lexer::take_operator(std::ptrdiff_t size) noexcept {
  token taken = take(token_kind::symbol, at_ + size);
  taken.hash = hash_of<letter_case::kept>(taken.text, end_, seed_of_operator);
  return taken;
}

token lexer::take_word(const char* stop) noexcept {
  token taken = take(token_kind::word, stop);
  taken.hash = hash_of_word(taken.text, end_);
  return taken;
}

token lexer::take_quoted_name(const char* stop) noexcept {
  token taken = take(token_kind::quoted_name, stop);
  taken.hash =
      hash_of<letter_case::kept>(taken.text, end_, mixed(seed_of_quoted_name, taken.text.size()));
  return taken;
}

// No string, which the summary might take for the name of a table.
token lexer::take_rest() noexcept { return take(token_kind::parameter, end_); }

token lexer::lex_word() noexcept {
  const char* stop = skip_while(at_ + 1, end_, is_word_part);
  if (stop - at_ == 1) return lex_prefix(stop);
  const bool is_dotted = after_dot_;
  token taken = take_word(stop);
  if (!is_dotted && taken.text.size() <= longest_keyword) taken.word = find_keyword(taken.hash);
  return taken;
}

/// A single letter, which is a word unless it says how to read the quotes behind it.
token lexer::lex_prefix(const char* stop) noexcept {
  if (stop == end_ || (*stop != '\'' && *stop != '&')) return take_word(stop);
  if (is_postgresql_) return lex_postgresql_prefix(stop);
  const bool is_blob = *stop == '\'' && small(*at_) == 'x';
  return is_blob ? lex_string(stop + 1, false) : take_word(stop);
}

token lexer::lex_postgresql_prefix(const char* stop) noexcept {
  const char letter = small(*at_);
  if (*stop == '\'' && is_one_of(letter, "ebxn")) return lex_string(stop + 1, letter == 'e');
  if (*stop == '&' && letter == 'u') {
    if (peek(2) == '\'') return lex_string(stop + 2, false);
    if (peek(2) == '"') return lex_quoted_name(stop + 2, '"');
  }
  return take_word(stop);
}

// Letters that follow a number are taken with it, wrong as they are: `0xC0FFEE` must not leave a
// part of itself behind where the server is too old to know it.
token lexer::lex_number() noexcept {
  const bool has_prefix = *at_ == '0' && is_one_of(small(peek(1)), "xob");
  const char* stop = skip_while(at_, end_, is_digit_part);
  if (!has_prefix) {
    const bool has_fraction = stop != end_ && *stop == '.' && (end_ - stop < 2 || stop[1] != '.');
    if (has_fraction) stop = skip_while(stop + 1, end_, is_digit_part);
    stop = past_exponent(stop);
  }
  return take(token_kind::number, skip_while(stop, end_, is_name_part));
}

const char* lexer::past_exponent(const char* from) const noexcept {
  if (end_ - from < 3 || small(*from) != 'e' || !is_one_of(from[1], "+-")) return from;
  return is_digit(from[2]) ? from + 3 : from;
}

token lexer::lex_string(const char* from, bool escapes) noexcept {
  for (;;) {
    const char* stop = escapes ? past_escaped(from) : past_quote(from, '\'');
    if (stop == nullptr) return take_rest();
    from = is_postgresql_ ? next_segment(stop) : nullptr;
    if (from == nullptr) return take(token_kind::string, stop);
  }
}

/// Behind the closing quote, or null where there is none.
const char* lexer::past_quote(const char* from, char quote) const noexcept {
  for (;;) {
    const char* found = find(from, end_, quote);
    if (found == nullptr) return nullptr;
    if (found + 1 == end_ || found[1] != quote) return found + 1;
    from = found + 2;
  }
}

const char* lexer::past_escaped(const char* from) const noexcept {
  while (from != end_) {
    const bool is_pair = end_ - from > 1 && (*from == '\\' || (*from == '\'' && from[1] == '\''));
    if (is_pair) {
      from += 2;
    } else if (*from++ == '\'') {
      return from;
    }
  }
  return nullptr;
}

/// Inside the string that continues this one: in PostgreSQL strings on different lines are one.
const char* lexer::next_segment(const char* from) const noexcept {
  bool is_new_line = false;
  for (; from != end_ && class_of(*from) == character::blank; ++from) {
    is_new_line = is_new_line || *from == '\n' || *from == '\r';
  }
  return is_new_line && from != end_ && *from == '\'' ? from + 1 : nullptr;
}

token lexer::lex_quoted_name(const char* from, char quote) noexcept {
  const char* stop = past_quote(from, quote);
  if (stop == nullptr) return take_rest();
  const bool is_dotted = after_dot_ || (stop != end_ && *stop == '.');
  token taken = take_quoted_name(stop);
  taken.may_be_string = !is_postgresql_ && quote == '"' && !is_dotted;
  return taken;
}

token lexer::lex_bracketed_name() noexcept {
  const char* closing = find(at_, end_, ']');
  return closing == nullptr ? take_rest() : take_quoted_name(closing + 1);
}

token lexer::lex_dollar() noexcept {
  if (!is_postgresql_) return lex_variable();
  if (!is_digit(peek(1))) return lex_dollar_quote();
  return take(token_kind::parameter, skip_while(at_ + 1, end_, is_digit));
}

token lexer::lex_dollar_quote() noexcept {
  const char* tag_end = skip_while(at_ + 1, end_, is_name_part);
  if (tag_end == end_ || *tag_end != '$') return take_symbol(1);
  const std::string_view tag = between(at_, tag_end + 1);
  for (const char* from = tag_end + 1;;) {
    from = find(from, end_, '$');
    if (from == nullptr) return take_rest();
    if (between(from, end_).starts_with(tag)) return take(token_kind::string, from + tag.size());
    ++from;
  }
}

// `?` is a parameter, and the text's own sign for a value. Of PostgreSQL's operators that begin
// with it only those that no `?||'x'` can be mistaken for are kept whole.
token lexer::lex_question_mark() noexcept {
  const bool is_operator = is_postgresql_ && is_one_of(peek(1), "|&") && !is_operator_part(peek(2));
  if (is_operator) return take_symbol(2);
  return take(token_kind::parameter, skip_while(at_ + 1, end_, is_digit));
}

token lexer::lex_colon() noexcept { return take_symbol(is_one_of(peek(1), ":=") ? 2 : 1); }

token lexer::lex_variable() noexcept {
  const char* stop = skip_while(at_ + 1, end_, is_word_part);
  if (stop - at_ == 1) return take_symbol(1);
  return take(token_kind::parameter, stop);
}

token lexer::lex_operator() noexcept {
  return take_symbol(is_postgresql_ ? postgresql_operator_size() : sqlite_operator_size());
}

// An operator ends in a sign only if it holds a character that none of SQL's own operators has. To
// know takes a look ahead, and its limit keeps a long row of signs linear; no operator is as long.
std::ptrdiff_t lexer::postgresql_operator_size() const noexcept {
  constexpr std::ptrdiff_t longest = 16;
  if (*at_ == '@' && peek(1) == '?') return 2;
  std::ptrdiff_t size = 1;
  bool may_end_in_sign = is_one_of(*at_, "~!@#%^&|`");
  for (; size < longest && is_operator_part(peek(size)); ++size) {
    const char c = peek(size);
    if ((c == '-' && peek(size + 1) == '-') || (c == '/' && peek(size + 1) == '*')) break;
    may_end_in_sign = may_end_in_sign || is_one_of(c, "~!@#%^&|`");
  }
  while (size > 1 && !may_end_in_sign && is_one_of(at_[size - 1], "+-")) --size;
  return size;
}

std::ptrdiff_t lexer::sqlite_operator_size() const noexcept {
  static constexpr std::string_view pairs[] = {"->", "||", "<=", "<>", "<<",
                                               ">=", ">>", "==", "!="};
  for (const std::string_view pair : pairs) {
    if (*at_ != pair[0] || peek(1) != pair[1]) continue;
    return pair == "->" && peek(2) == '>' ? 3 : 2;
  }
  return 1;
}

}  // namespace querytap::detail
