#include "explainable.hpp"

#include "../../query/text/sanitised_tokens.hpp"

#include <querytap/servers/server_inspector.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace querytap::detail {
namespace {

template <std::size_t Size>
bool is_word_among(const sql_token& token, const std::array<std::string_view, Size>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

/// How many of the last tokens name the type of the literal behind them: `date`, `timestamp with
/// time zone`.
std::size_t size_of_literal_type(std::span<const sql_token> before) {
  static constexpr std::array<std::string_view, 16> types{
      "date", "interval", "time", "timestamp", "timestamptz", "timetz",  "json", "jsonb",
      "uuid", "inet",     "cidr", "bytea",     "bit",         "numeric", "xml",  "point"};
  if (before.empty()) return 0;
  if (is_word_among(before.back(), types)) return 1;
  if (before.size() < 4 || !before.back().is("zone")) return 0;
  const std::span<const sql_token> last = before.last(4);
  const bool has_zone = last[2].is("time") && (last[1].is("with") || last[1].is("without")) &&
                        (last[0].is("time") || last[0].is("timestamp"));
  return has_zone ? 4 : 0;
}

/// A `?` directly before a value is PostgreSQL's operator, as in `data ? 'key'`: two values never
/// follow each other.
bool is_question_mark_operator(std::span<const sql_token> tokens, std::size_t index) {
  return index + 1 < tokens.size() && tokens[index + 1].kind == sql_token::sort::value;
}

}  // namespace

std::string_view explainable(const call_report& call) {
  static constexpr std::array<std::string_view, 5> verbs{"select", "insert", "update", "delete",
                                                         "with"};
  const std::string_view text = call.statement->text;
  if (text.ends_with("…")) throw plan_error{"the statement's text was cut"};
  const std::size_t end = text.find_first_of(" (\n");
  const sql_token first{sql_token::sort::word, text.substr(0, end)};
  if (!is_word_among(first, verbs)) throw plan_error{"a statement of its kind has no plan"};
  return text;
}

std::string with_parameters(std::string_view sanitised) {
  const std::vector<sql_token> tokens = sanitised_tokens(sanitised, dialect::postgresql);
  std::string text;
  int parameter = 0;
  const char* copied = sanitised.data();
  const auto copy_until = [&](const char* end) { text.append(copied, end), copied = end; };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const sql_token& token = tokens[i];
    if (token.kind != sql_token::sort::value || is_question_mark_operator(tokens, i)) continue;
    const auto before = std::span{tokens}.first(i);
    const std::size_t type = size_of_literal_type(before);
    const char* const begin = type == 0 ? token.text.data() : before[i - type].text.data();
    copy_until(begin);
    text += fmt::format("${}", ++parameter);
    if (type != 0) {
      text += "::";
      copy_until(before.back().text.data() + before.back().text.size());
    }
    copied = token.text.data() + token.text.size();
  }
  copy_until(sanitised.data() + sanitised.size());
  return text;
}

}  // namespace querytap::detail
