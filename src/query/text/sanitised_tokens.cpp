#include "sanitised_tokens.hpp"

#include "characters.hpp"

namespace querytap::detail {
namespace {

constexpr bool is_sanitised_word_part(char c) noexcept { return is_name_part(c) || c == '$'; }

/// Reads one token after the other. A byte that begins none of the known tokens is one by itself.
class sanitised_token_reader {
 public:
  sanitised_token_reader(std::string_view text, dialect dialect) noexcept
      : text_{text}, dialect_{dialect} {}

  [[nodiscard]] bool skip_blanks() noexcept {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n')) ++at_;
    return at_ < text_.size();
  }

  [[nodiscard]] sql_token next() noexcept {
    using enum sql_token::sort;
    switch (text_[at_]) {
      case '(': return take(open, 1);
      case ')': return take(close, 1);
      case ',': return take(comma, 1);
      case '.': return take(dot, 1);
      case '"': return take(quoted, size_of_name('"'));
      case '?': return is_question_operator() ? take(operation, 2) : take(value, 1);
      case '`':
        if (dialect_ != dialect::postgresql) return take(quoted, size_of_name('`'));
        break;
      case '\'':  // a name in the quotes of a string
        return dialect_ == dialect::sqlite ? take(quoted, size_of_name('\'')) : take(other, 1);
      case '@':
        if (dialect_ == dialect::postgresql && peek(1) == '?') return take(operation, 2);
        break;
      case '[':
        return dialect_ == dialect::sqlite ? take(quoted, size_of_name(']')) : take(other, 1);
      case ':': return peek(1) == ':' ? take(cast, 2) : take(other, 1);
      case '$':
        if (is_ascii_digit(peek(1))) return take(value, size_while(is_ascii_digit, 1));
        break;
      default: break;
    }
    if (is_sanitised_word_part(text_[at_]))
      return take(word, size_while(is_sanitised_word_part, 0));
    if (is_operator_part(text_[at_])) return take(operation, size_while(is_operator_part, 0));
    return take(other, 1);
  }

 private:
  [[nodiscard]] char peek(std::size_t ahead) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  /// `?|` and `?&` are operators of PostgreSQL; `? || x` is a value before one.
  [[nodiscard]] bool is_question_operator() const noexcept {
    return dialect_ == dialect::postgresql && (peek(1) == '|' || peek(1) == '&') &&
           !is_operator_part(peek(2));
  }

  template <class Part>
  [[nodiscard]] std::size_t size_while(Part is_part, std::size_t size) const noexcept {
    while (at_ + size < text_.size() && is_part(text_[at_ + size])) ++size;
    return size;
  }

  /// A quote within the name stands twice.
  [[nodiscard]] std::size_t size_of_name(char closing) const noexcept {
    std::size_t size = 1;
    while (at_ + size < text_.size()) {
      if (text_[at_ + size++] != closing) continue;
      if (closing == ']' || peek(size) != closing) break;
      ++size;
    }
    return size;
  }

  [[nodiscard]] sql_token take(sql_token::sort kind, std::size_t size) noexcept {
    const sql_token token{kind, text_.substr(at_, size)};
    at_ += token.text.size();
    return token;
  }

  std::string_view text_;
  dialect dialect_;
  std::size_t at_ = 0;
};

}  // namespace

bool same_word(std::string_view a, std::string_view b) noexcept {
  return equal_ignoring_case(a, b);
}

bool sql_token::is(std::string_view keyword) const noexcept {
  return kind == sort::word && same_word(text, keyword);
}

std::vector<sql_token> sanitised_tokens(std::string_view text, dialect dialect) {
  std::vector<sql_token> tokens;
  for (sanitised_token_reader reader{text, dialect}; reader.skip_blanks();)
    tokens.push_back(reader.next());
  return tokens;
}

std::size_t past_brackets(token_span text, std::size_t open_at) noexcept {
  using enum sql_token::sort;
  int depth = 0;
  for (std::size_t at = open_at; at < text.size(); ++at) {
    if (text[at].kind == open) ++depth;
    if (text[at].kind == close && --depth == 0) return at + 1;
  }
  return text.size();
}

}  // namespace querytap::detail
