#include "copied_rows.hpp"

#include "../text/sanitised_tokens.hpp"

#include <algorithm>
#include <string_view>

namespace querytap::detail {
namespace {

bool is_copy_from_stdin(const sql_lexer& lexer, const char* begin, const char* stop) noexcept {
  if (!same_word(text_between(begin, lexer.past_word(begin)), "copy")) return false;
  constexpr std::string_view source = "stdin";
  return std::search(begin, stop, source.begin(), source.end(),
                     [](char a, char b) { return ascii_lower(a) == b; }) != stop;
}

bool ends_its_line(const sql_lexer& lexer, const char* semicolon) noexcept {
  if (lexer.next_token(semicolon + 1) == lexer.end()) return false;
  const char* behind = semicolon + 1;
  while (behind != lexer.end() && is_char_of(*behind, " \t\r")) ++behind;
  return behind != lexer.end() && *behind == '\n';
}

}  // namespace

const char* past_copied_rows(const sql_lexer& lexer, const char* begin, const char* stop) noexcept {
  if (!lexer.is(dialect::postgresql) || stop == lexer.end()) return nullptr;
  if (!is_copy_from_stdin(lexer, begin, stop) || !ends_its_line(lexer, stop)) return nullptr;
  constexpr std::string_view last_line = "\n\\.";
  const std::string_view rows = text_between(stop, lexer.end());
  const std::size_t last = rows.find(last_line);
  return last == rows.npos ? lexer.end() : stop + last + last_line.size();
}

}  // namespace querytap::detail
