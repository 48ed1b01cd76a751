#include "several_statements.hpp"

#include "../../base/ascii.hpp"
#include "../../query/sql/lexer.hpp"

#include <algorithm>
#include <array>

namespace querytap::mysql::detail {
namespace {

using querytap::detail::ascii_lower;
using querytap::detail::equal_ignoring_case;
using querytap::detail::overread_text;
using querytap::detail::setting;
using querytap::detail::sql_lexer;
using querytap::detail::sql_rules;

bool contains_word(std::string_view text, std::string_view word) noexcept {
  return std::search(text.begin(), text.end(), word.begin(), word.end(),
                     [](char a, char b) { return ascii_lower(a) == ascii_lower(b); }) != text.end();
}

bool begins_with_word(std::string_view text, std::string_view word) noexcept {
  return equal_ignoring_case(text.substr(0, word.size()), word);
}

/// Behind the `;` that ends the statement, or the end of the text.
const char* past_statement(const sql_lexer& lexer, const char* at, bool& is_closed) noexcept {
  is_closed = false;
  while (at < lexer.end()) {
    if (!lexer.is_code_comment(at)) {
      if (const char* const behind = lexer.past_comment(at)) {
        at = behind;
        continue;
      }
    }
    const bool is_name = *at == '`' || (*at == '"' && lexer.rules().has_quoted_names());
    if (is_name) {
      const char* const behind = lexer.past_name(at + 1, *at);
      at = behind == nullptr ? lexer.end() : behind;
    } else if (*at == '\'' || *at == '"') {
      at = lexer.past_string(at, lexer.rules().escapes());
    } else if (*at++ == ';') {
      is_closed = true;
      return at;
    }
  }
  return lexer.end();
}

bool has_one_result(std::string_view statement) noexcept {
  constexpr std::array words{
      std::string_view{"call"},   std::string_view{"execute"}, std::string_view{"create"},
      std::string_view{"alter"},  std::string_view{"if"},      std::string_view{"case"},
      std::string_view{"for"},    std::string_view{"while"},   std::string_view{"loop"},
      std::string_view{"repeat"}, std::string_view{"declare"}, std::string_view{"analyze"}};
  // BEGIN NOT ATOMIC
  if (begins_with_word(statement, "begin")) {
    const std::string_view rest = statement.substr(5);
    const std::size_t next = rest.find_first_not_of(" \t\r\n");
    if (next != rest.npos && begins_with_word(rest.substr(next), "not")) return false;
  }
  return std::ranges::none_of(
      words, [&](std::string_view word) { return begins_with_word(statement, word); });
}

}  // namespace

bool may_change_quoting(std::string_view sql) noexcept {
  const std::size_t end = sql.find_last_not_of("; \t\r\n");
  return sql.substr(0, end == sql.npos ? 0 : end).find(';') != sql.npos ||
         contains_word(sql, "sql_mode");
}

std::vector<std::string_view> several_statements(std::string_view sql, const quoting& quotes) {
  if (!quotes.backslash_escapes || contains_word(sql, "sql_mode")) return {};
  if (!quotes.double_quoted_names && sql.find('"') != sql.npos) return {};
  const auto as_setting = [](bool is_on) { return is_on ? setting::on : setting::off; };
  const overread_text text{sql};
  const sql_lexer lexer{text, sql_rules{dialect::mysql, as_setting(*quotes.backslash_escapes),
                                        as_setting(quotes.double_quoted_names.value_or(false))}};
  std::vector<std::string_view> found;
  for (const char* at = lexer.next_token(text.begin()); at < lexer.end();
       at = lexer.next_token(at)) {
    const char* const begin = at;
    bool is_closed = false;
    at = past_statement(lexer, at, is_closed);
    const auto size = static_cast<std::size_t>(at - begin) - (is_closed ? 1 : 0);
    if (size == 0) return {};  // which the server refuses
    found.push_back(sql.substr(static_cast<std::size_t>(begin - text.begin()), size));
    if (!has_one_result(found.back())) return {};
  }
  if (found.size() < 2) found.clear();
  return found;
}

}  // namespace querytap::mysql::detail
