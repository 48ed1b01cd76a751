#include "explainable.hpp"

#include "../../query/text/sanitised_tokens.hpp"

#include <querytap/servers/server_inspector.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

namespace querytap::detail {
namespace {

using tokens = std::span<const sql_token>;

template <std::size_t Size>
bool is_any(const sql_token& token, const std::array<std::string_view, Size>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

/// How many tokens before `end` name the type of the literal there: `date`, `timestamp with time zone`.
std::size_t size_of_type(tokens before) {
  static constexpr std::array<std::string_view, 16> types{
      "date", "interval", "time", "timestamp", "timestamptz", "timetz",  "json", "jsonb",
      "uuid", "inet",     "cidr", "bytea",     "bit",         "numeric", "xml",  "point"};
  static constexpr std::array<std::string_view, 3> of_zone{"time", "zone", "with"};
  if (before.empty()) return 0;
  if (is_any(before.back(), types)) return 1;
  if (before.size() < 4 || !before.back().is(of_zone[1])) return 0;
  const tokens last = before.last(4);
  const bool is_zoned = last[2].is(of_zone[0]) &&
                        (last[1].is(of_zone[2]) || last[1].is("without")) &&
                        (last[0].is("time") || last[0].is("timestamp"));
  return is_zoned ? 4 : 0;
}

/// PostgreSQL's operator, as in `data ? 'key'`, stands before a value; a value never does.
bool is_operator(tokens all, std::size_t at) {
  return at + 1 < all.size() && all[at + 1].kind == sql_token::sort::value;
}

}  // namespace

std::string_view explainable(const call_report& call) {
  static constexpr std::array<std::string_view, 5> verbs{"select", "insert", "update", "delete",
                                                         "with"};
  const std::string_view text = call.statement->text;
  if (text.ends_with("…")) throw plan_error{"the statement's text was cut"};
  const std::size_t end = text.find_first_of(" (\n");
  const sql_token first{sql_token::sort::word, text.substr(0, end)};
  if (!is_any(first, verbs)) throw plan_error{"a statement of its kind has no plan"};
  return text;
}

std::string with_parameters(std::string_view sanitised) {
  const std::vector<sql_token> all = sanitised_tokens(sanitised, dialect::postgresql);
  std::string text;
  int number = 0;
  const char* copied = sanitised.data();
  const auto copy_to = [&](const char* to) { text.append(copied, to), copied = to; };
  for (std::size_t at = 0; at < all.size(); ++at) {
    const sql_token& token = all[at];
    if (token.kind != sql_token::sort::value || is_operator(all, at)) continue;
    const tokens before = tokens{all}.first(at);
    const std::size_t type = size_of_type(before);
    const char* const begin = type == 0 ? token.text.data() : before[at - type].text.data();
    copy_to(begin);
    text += fmt::format("${}", ++number);
    if (type != 0) {
      text += "::";
      copy_to(before.back().text.data() + before.back().text.size());
    }
    copied = token.text.data() + token.text.size();
  }
  copy_to(sanitised.data() + sanitised.size());
  return text;
}

}  // namespace querytap::detail
