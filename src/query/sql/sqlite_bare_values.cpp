#include "sqlite_bare_values.hpp"

#include "../text/sanitised_tokens.hpp"
#include "sqlite_pragmas.hpp"

namespace querytap::detail {

void sqlite_bare_values::see(keyword word, keyword previous, bool is_first) noexcept {
  const bool begins = is_first || previous == keyword::explain || previous == keyword::plan;
  if (begins && word == keyword::pragma) form_ = form::pragma;
  if (begins && word == keyword::attach) form_ = form::attach;
  if (previous == keyword::create && word == keyword::virtual_word) form_ = form::module;
}

bool sqlite_bare_values::is_value(const sql_word& found, spacing last, keyword previous) noexcept {
  switch (form_) {
    case form::none: return false;
    case form::pragma: return is_value_of_pragma(found, last, previous);
    case form::module: return is_value_of_module(last);
    case form::attach: break;
  }
  return found.is(keyword::none) && previous != keyword::as;
}

/// A module gets its arguments as text: what stands behind `=` may be anything.
bool sqlite_bare_values::is_value_of_module(spacing last) noexcept {
  if (last == spacing::operation) is_in_option_ = true;
  if (last == spacing::separator || last == spacing::open) is_in_option_ = false;
  return is_in_option_;
}

bool sqlite_bare_values::is_value_of_pragma(const sql_word& found, spacing last,
                                            keyword previous) noexcept {
  const bool is_part_of_name = last == spacing::dot && !is_in_pragma_value_;
  if (is_part_of_name || previous == keyword::pragma) {
    pragma_ = found.text;
    return false;
  }
  is_in_pragma_value_ = true;
  switch (value_of_pragma(pragma_)) {
    case pragma_value::name: return false;
    case pragma_value::setting: return !is_pragma_word(found.text);
    case pragma_value::secret: break;
  }
  return true;
}

const char* past_bare_default(const sql_lexer& lexer, const char* at) noexcept {
  const char* word = lexer.next_token(at);
  if (const char quote = lexer.peek(word, 0); quote == '[' || quote == '`') {
    const char* stop = lexer.past_name(word + 1, quote == '[' ? ']' : quote);
    return stop == nullptr ? lexer.end() : stop;
  }
  const char* stop = lexer.past_word(word);
  const std::string_view text = text_between(word, stop);
  if (text.empty() || is_ascii_digit(*word) || lexer.peek(stop, 0) == '\'') return nullptr;
  constexpr std::string_view clock = "current_";
  const bool is_clock = same_word(text.substr(0, clock.size()), clock);
  return is_clock || keyword_of(text) != keyword::none ? nullptr : stop;
}

}  // namespace querytap::detail
