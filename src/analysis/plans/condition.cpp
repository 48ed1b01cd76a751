#include "condition.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace querytap::detail {
namespace {

template <std::size_t Size>
bool is_any_word(const sql_token& token, const std::array<std::string_view, Size>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

token_span without_brackets(token_span text) noexcept {
  using enum sql_token::sort;
  while (text.size() > 2 && text.front().kind == open && past_brackets(text, 0) == text.size()) {
    text = text.subspan(1, text.size() - 2);
  }
  return text;
}

/// The first token outside of brackets whose place fits; the size where there is none.
template <class Predicate>
std::size_t find_outside_brackets(token_span text, Predicate fits, std::size_t begin = 0) {
  for (std::size_t at = begin; at < text.size();) {
    if (fits(at)) return at;
    at = text[at].kind == sql_token::sort::open ? past_brackets(text, at) : at + 1;
  }
  return text.size();
}

struct tested_column {
  std::string_view qualifier = {};
  std::string_view column = {};
  std::string_view cast_to = {};
};

/// A column and nothing else, except a cast.
std::optional<tested_column> bare_column(token_span text) {
  using enum sql_token::sort;
  text = without_brackets(text);
  tested_column found;
  const std::size_t cast_at =
      find_outside_brackets(text, [&](std::size_t at) { return text[at].kind == cast; });
  if (cast_at < text.size()) {
    if (cast_at + 1 < text.size()) found.cast_to = text[cast_at + 1].text;
    text = without_brackets(text.first(cast_at));
  }
  static constexpr std::array<std::string_view, 5> no_columns{"null", "default", "current_date",
                                                              "current_timestamp", "current_time"};
  if (text.size() % 2 == 0 || text.size() > 5) return std::nullopt;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (at % 2 == 0 ? !text[at].is_name() : text[at].kind != dot) return std::nullopt;
  }
  if (is_any_word(text.back(), no_columns)) return std::nullopt;
  found.column = text.back().text;
  if (text.size() > 1) found.qualifier = text[text.size() - 3].text;
  return found;
}

/// Whether the expression is the same for every row of a scan: values, and functions of values
/// alone.
bool is_constant_expression(token_span text) {
  static constexpr std::array<std::string_view, 17> harmless{
      "and",          "any",  "array", "null",    "current_date",  "current_timestamp",
      "current_time", "with", "time",  "without", "zone",          "precision",
      "varying",      "as",   "cast",  "some",    "localtimestamp"};
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at].is("select")) return true;  // a correlated one only makes an index less useful
    if (!text[at].is_name() || is_any_word(text[at], harmless)) continue;
    const bool is_function = at + 1 < text.size() && text[at + 1].kind == sql_token::sort::open;
    const bool is_type = at > 0 && text[at - 1].kind == sql_token::sort::cast;
    if (!is_function && !is_type) return false;
  }
  return true;
}

bool is_any_operator(std::string_view text, std::initializer_list<std::string_view> operators) {
  return std::ranges::find(operators, text) != operators.end();
}

std::optional<column_test::sort> test_by_operator(std::string_view operation) {
  using enum column_test::sort;
  if (is_any_operator(operation, {"=", "=="})) return equal;
  if (is_any_operator(operation, {"<", "<=", ">", ">="})) return range;
  if (is_any_operator(operation, {"~~", "~~*", "~", "~*"})) return pattern;
  if (is_any_operator(operation, {"@>", "<@", "@@", "&&", "?", "?|", "?&"})) return contains;
  return std::nullopt;
}

/// The operator of a comparison, and what kind of test it makes.
struct sql_comparison {
  std::size_t at = 0;
  std::size_t size = 1;
  std::optional<column_test::sort> how = std::nullopt;
  bool is_list = false;
};

sql_comparison find_comparison(token_span text) {
  using enum column_test::sort;
  using enum sql_token::sort;
  static constexpr std::array<std::string_view, 4> patterns{"like", "ilike", "glob", "match"};
  static constexpr std::array<std::string_view, 6> words{"in",   "is",    "between",
                                                         "like", "ilike", "not"};
  const auto compares = [&](std::size_t at) {
    const bool is_question =
        text[at].kind == value && at > 0 && (text[at - 1].is_name() || text[at - 1].kind == close);
    return is_question || is_any_word(text[at], words) || is_any_word(text[at], patterns) ||
           (text[at].kind == operation && test_by_operator(text[at].text));
  };
  sql_comparison found{.at = find_outside_brackets(text, compares)};
  if (found.at == text.size()) return found;
  const sql_token& sign = text[found.at];
  const token_span behind = text.subspan(found.at + 1);
  if (sign.is("in")) {
    found.how = equal;
    found.is_list = true;
  } else if (sign.is("between")) {
    found.how = range;
  } else if (is_any_word(sign, patterns)) {
    found.how = pattern;
  } else if (sign.is("is")) {
    const bool is_value = behind.size() == 1 && (behind[0].is("null") || behind[0].kind == value);
    if (is_value) found.how = equal;
  } else if (sign.kind != word) {
    found.how = test_by_operator(sign.text);
    if (!behind.empty() && behind[0].is("all")) found.how = std::nullopt;
    found.is_list = !behind.empty() && (behind[0].is("any") || behind[0].is("some"));
  }
  return found;
}

void add_test_of_column(const tested_column& tested, token_span against,
                        const sql_comparison& comparison, std::vector<column_test>& tests) {
  const std::optional<tested_column> other = bare_column(against);
  const bool is_join = other.has_value();
  if (is_join ? other->qualifier == tested.qualifier : !is_constant_expression(against)) return;
  tests.push_back({.how = *comparison.how,
                   .qualifier = tested.qualifier,
                   .column = tested.column,
                   .cast_to = tested.cast_to,
                   .is_join = is_join,
                   .is_list = comparison.is_list,
                   .values = count_of_values(against)});
}

void add_comparison(token_span text, std::vector<column_test>& tests) {
  const sql_comparison found = find_comparison(text);
  if (!found.how) return;
  const token_span left = text.first(found.at);
  const token_span right = text.subspan(found.at + found.size);
  using enum column_test::sort;
  if (const auto column = bare_column(left)) add_test_of_column(*column, right, found, tests);
  if (*found.how != equal && *found.how != range) return;
  if (const auto column = bare_column(right)) add_test_of_column(*column, left, found, tests);
}

void add_conjunction(token_span text, int depth, std::vector<column_test>& tests) {
  static constexpr int deepest = 50;
  text = without_brackets(text);
  if (text.empty() || depth > deepest) return;
  const auto is_or = [&](std::size_t at) { return text[at].is("or"); };
  if (find_outside_brackets(text, is_or) < text.size()) return;
  bool is_after_between = false;
  const auto is_and = [&](std::size_t at) {
    if (text[at].is("between")) is_after_between = true;
    return text[at].is("and") && !std::exchange(is_after_between, false);
  };
  const std::size_t end = find_outside_brackets(text, is_and);
  if (end == text.size()) return add_comparison(text, tests);
  add_conjunction(text.first(end), depth + 1, tests);
  for (std::size_t begin = end + 1; begin <= text.size();) {
    is_after_between = false;
    const std::size_t next = find_outside_brackets(text, is_and, begin);
    add_conjunction(text.subspan(begin, next - begin), depth + 1, tests);
    begin = next + 1;
  }
}

}  // namespace

std::size_t count_of_values(token_span text) noexcept {
  return static_cast<std::size_t>(
      std::ranges::count(text, sql_token::sort::value, &sql_token::kind));
}

std::vector<column_test> tests_of(token_span condition) {
  std::vector<column_test> found;
  add_conjunction(condition, 0, found);
  return found;
}

}  // namespace querytap::detail
