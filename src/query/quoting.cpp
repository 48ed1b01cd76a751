#include <querytap/query/quoting.hpp>

#include "text/sanitised_tokens.hpp"

#include <algorithm>

namespace querytap {
namespace {

std::string_view without_blanks(std::string_view text) noexcept {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

bool has_mode(std::string_view modes, std::string_view sought) noexcept {
  while (true) {
    const std::size_t comma = std::min(modes.find(','), modes.size());
    if (detail::same_word(without_blanks(modes.substr(0, comma)), sought)) return true;
    if (comma == modes.size()) return false;
    modes.remove_prefix(comma + 1);
  }
}

std::size_t index_of_setting(const std::optional<bool>& value) noexcept {
  return value ? 1 + static_cast<std::size_t>(*value) : 0;
}

}  // namespace

quoting quoting_of_sql_mode(std::string_view sql_mode) noexcept {
  return {.backslash_escapes = !has_mode(sql_mode, "NO_BACKSLASH_ESCAPES"),
          .double_quoted_names = has_mode(sql_mode, "ANSI_QUOTES")};
}

namespace detail {

bool depends_on_quoting(std::string_view text, dialect dialect) noexcept {
  const auto has = [text](char c) { return text.find(c) != text.npos; };
  switch (dialect) {
    case dialect::postgresql: return has('\\');
    case dialect::sqlite: return has('"');
    case dialect::mysql: return has('\\') || has('"');
    default: return false;
  }
}

std::size_t index_of(const quoting& quotes) noexcept {
  return (index_of_setting(quotes.backslash_escapes) * 3 +
          index_of_setting(quotes.double_quoted_names)) *
             2 +
         (quotes.columns != nullptr ? 1 : 0);
}

}  // namespace detail

}  // namespace querytap
