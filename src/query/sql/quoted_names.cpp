#include "quoted_names.hpp"

#include "word.hpp"

#include <algorithm>

namespace querytap::detail {

std::uint64_t hash_of_quoted(const sql_lexer& lexer, std::string_view quoted) noexcept {
  const std::string_view name = quoted.substr(1, quoted.size() - 2);
  const bool is_plain = quoted.front() != 'U' && quoted.front() != 'u' && !name.empty() &&
                        lexer.past_word(name.data()) >= name.data() + name.size();
  const bool is_case_sensitive =
      lexer.is(dialect::postgresql) &&
      std::any_of(name.begin(), name.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
  if (!is_plain || is_case_sensitive) return hash_of_text<letter_case::exact>(quoted);
  const std::uint64_t hash = hash_of_text<letter_case::folded_word>(name);
  const keyword id = keywords[hash].id;
  const bool is_keyword =
      id != keyword::none && id != keyword::current && id != keyword::value_word;
  return is_keyword ? mix_hash(hash, 0x510E527FADE682D1u) : hash;
}

}  // namespace querytap::detail
