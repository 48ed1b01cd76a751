#include "explainable.hpp"

#include "../../query/text/sanitised_tokens.hpp"

#include <querytap/servers/server_inspector.hpp>

#include <algorithm>
#include <array>

namespace querytap::detail {
namespace {

template <std::size_t Size>
bool is_word_among(const sql_token& token, const std::array<std::string_view, Size>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

}  // namespace

std::string_view explainable(const call_report& call) {
  static constexpr std::array<std::string_view, 9> verbs{
      "select", "insert", "update", "delete", "with", "values", "table", "merge", "replace"};
  const std::string_view text = call.statement->text;
  if (text.ends_with("…")) throw plan_error{"the statement's text was cut"};
  const std::size_t begin = std::min(text.find_first_not_of("( \n"), text.size());
  const std::size_t end = text.find_first_of(" (\n", begin);
  const sql_token first{sql_token::sort::word, text.substr(begin, end - begin)};
  if (!is_word_among(first, verbs)) throw plan_error{"a statement of its kind has no plan"};
  return text;
}

}  // namespace querytap::detail
