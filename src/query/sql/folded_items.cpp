#include "folded_items.hpp"

#include "readings.hpp"
#include "word.hpp"

namespace querytap::detail {

const char* folded_items::past_values(const char* comma) const noexcept {
  for (const char* at = comma;;) {
    const char* stop = past_value(at + 1);
    if (stop == nullptr || (*stop != ',' && *stop != ')')) return at;
    at = stop;
    if (*stop == ')') return at;
  }
}

const char* folded_items::past_rows(const char* comma,
                                    const sql_normaliser& normal) const noexcept {
  std::size_t values_of_last = 0;  // once known
  for (const char* at = comma;;) {
    const char* stop = past_blanks(at + 1);
    if (stop == lexer_.end() || *stop != '(') return at;
    std::size_t values = 0;
    for (; stop != nullptr && *stop != ')'; ++values) {
      stop = past_value(stop + 1);
      if (stop != nullptr && *stop != ',' && *stop != ')') return at;
    }
    if (stop == nullptr) return at;
    if (values != values_of_last && !normal.is_last_row_of(values)) return at;
    values_of_last = values;
    at = past_blanks(stop + 1);
    if (at == lexer_.end() || *at != ',') return at;
  }
}

/// The token behind a value that is a whole item. Null where there is anything else, or the text
/// ends.
const char* folded_items::past_value(const char* at) const noexcept {
  at = past_blanks(at);
  if (at != lexer_.end() && (*at == '-' || *at == '+') && is_ascii_digit(lexer_.peek(at, 1))) ++at;
  if (at == lexer_.end()) return nullptr;
  switch (characters_[static_cast<unsigned char>(*at)]) {
    case character_class::digit_or_name:
      if (!lexer_.is_number(at)) return nullptr;
      [[fallthrough]];
    case character_class::digit: at = lexer_.past_number(at); break;
    case character_class::string: at = lexer_.past_string(at, false); break;
    case character_class::escaped_string: at = lexer_.past_string(at, true); break;
    case character_class::doubtful_string: at = past_doubtful_string(lexer_, at); break;
    case character_class::question_mark:
      if (is_char_of(lexer_.peek(at, 1), "|&")) return nullptr;
      at = lexer_.past_digits(at + 1);
      break;
    case character_class::dollar:
      if (!is_ascii_digit(lexer_.peek(at, 1))) return nullptr;
      at = lexer_.past_digits(at + 1);
      break;
    case character_class::letter: {
      const char* stop = lexer_.past_word(at);
      const keyword id = keyword_of(text_between(at, stop));
      if (id != keyword::null && id != keyword::true_word && id != keyword::false_word) {
        return nullptr;
      }
      at = stop;
      break;
    }
    default: return nullptr;
  }
  at = past_blanks(at);
  return at == lexer_.end() ? nullptr : at;
}

}  // namespace querytap::detail
