#include "condition.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace querytap::detail {
namespace {

using enum sql_token::sort;

template <std::size_t Size>
bool is_any(const sql_token& token, const std::array<std::string_view, Size>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

tokens without_brackets(tokens text) noexcept {
  while (text.size() > 2 && text.front().kind == open && past_brackets(text, 0) == text.size()) {
    text = text.subspan(1, text.size() - 2);
  }
  return text;
}

/// The first token outside of brackets that is like that; the size where there is none.
template <class Like>
std::size_t find_outside(tokens text, Like is_like, std::size_t from = 0) {
  for (std::size_t at = from; at < text.size();) {
    if (is_like(at)) return at;
    at = text[at].kind == open ? past_brackets(text, at) : at + 1;
  }
  return text.size();
}

struct operand {
  std::string_view qualifier = {};
  std::string_view column = {};
  std::string_view cast_to = {};
};

/// A column and nothing else, but for a cast.
std::optional<operand> column_of(tokens text) {
  text = without_brackets(text);
  operand found;
  const std::size_t cast_at =
      find_outside(text, [&](std::size_t at) { return text[at].kind == cast; });
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
  if (is_any(text.back(), no_columns)) return std::nullopt;
  found.column = text.back().text;
  if (text.size() > 1) found.qualifier = text[text.size() - 3].text;
  return found;
}

/// Whether it is the same for every row of a scan: values, and functions of nothing but values.
bool is_constant(tokens text) {
  static constexpr std::array<std::string_view, 17> harmless{
      "and",          "any",  "array", "null",    "current_date",  "current_timestamp",
      "current_time", "with", "time",  "without", "zone",          "precision",
      "varying",      "as",   "cast",  "some",    "localtimestamp"};
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at].is("select")) return true;  // of its own; where it is correlated, nothing is lost
    if (!text[at].is_name() || is_any(text[at], harmless)) continue;
    const bool is_function = at + 1 < text.size() && text[at + 1].kind == open;
    const bool is_type = at > 0 && text[at - 1].kind == cast;
    if (!is_function && !is_type) return false;
  }
  return true;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> those) {
  return std::ranges::find(those, text) != those.end();
}

std::optional<column_test::sort> test_of(std::string_view operation) {
  using enum column_test::sort;
  if (is_one_of(operation, {"=", "=="})) return equal;
  if (is_one_of(operation, {"<", "<=", ">", ">="})) return range;
  if (is_one_of(operation, {"~~", "~~*", "~", "~*"})) return pattern;
  if (is_one_of(operation, {"@>", "<@", "@@", "&&", "?", "?|", "?&"})) return contains;
  return std::nullopt;
}

/// The operator of a comparison, and what kind of test it makes.
struct comparison {
  std::size_t at = 0;
  std::size_t size = 1;
  std::optional<column_test::sort> how = std::nullopt;
};

comparison find_comparison(tokens text) {
  using enum column_test::sort;
  static constexpr std::array<std::string_view, 4> patterns{"like", "ilike", "glob", "match"};
  static constexpr std::array<std::string_view, 6> words{"in",   "is",    "between",
                                                         "like", "ilike", "not"};
  const auto compares = [&](std::size_t at) {
    const bool is_question =
        text[at].kind == value && at > 0 && (text[at - 1].is_name() || text[at - 1].kind == close);
    return is_question || is_any(text[at], words) || is_any(text[at], patterns) ||
           (text[at].kind == operation && test_of(text[at].text));
  };
  comparison found{.at = find_outside(text, compares)};
  if (found.at == text.size()) return found;
  const sql_token& sign = text[found.at];
  const tokens behind = text.subspan(found.at + 1);
  if (sign.is("in")) {
    found.how = equal;
  } else if (sign.is("between")) {
    found.how = range;
  } else if (is_any(sign, patterns)) {
    found.how = pattern;
  } else if (sign.is("is")) {
    const bool is_value = behind.size() == 1 && (behind[0].is("null") || behind[0].kind == value);
    if (is_value) found.how = equal;
  } else if (sign.kind != word) {
    found.how = test_of(sign.text);
    if (!behind.empty() && behind[0].is("all")) found.how = std::nullopt;
  }
  return found;
}

void add(const operand& tested, tokens against, column_test::sort how,
         std::vector<column_test>& to) {
  const std::optional<operand> other = column_of(against);
  const bool is_join = other.has_value();
  if (is_join ? other->qualifier == tested.qualifier : !is_constant(against)) return;
  to.push_back({how, tested.qualifier, tested.column, tested.cast_to, is_join});
}

void add_test(tokens text, std::vector<column_test>& to) {
  const comparison found = find_comparison(text);
  if (!found.how) return;
  const tokens left = text.first(found.at);
  const tokens right = text.subspan(found.at + found.size);
  using enum column_test::sort;
  if (const auto column = column_of(left)) add(*column, right, *found.how, to);
  if (*found.how != equal && *found.how != range) return;
  if (const auto column = column_of(right)) add(*column, left, *found.how, to);
}

void add_tests(tokens text, int depth, std::vector<column_test>& to) {
  static constexpr int deepest = 50;
  text = without_brackets(text);
  if (text.empty() || depth > deepest) return;
  const auto is_or = [&](std::size_t at) { return text[at].is("or"); };
  if (find_outside(text, is_or) < text.size()) return;
  bool is_after_between = false;
  const auto is_and = [&](std::size_t at) {
    if (text[at].is("between")) is_after_between = true;
    return text[at].is("and") && !std::exchange(is_after_between, false);
  };
  const std::size_t end = find_outside(text, is_and);
  if (end == text.size()) return add_test(text, to);
  add_tests(text.first(end), depth + 1, to);
  for (std::size_t from = end + 1; from <= text.size();) {
    is_after_between = false;
    const std::size_t next = find_outside(text, is_and, from);
    add_tests(text.subspan(from, next - from), depth + 1, to);
    from = next + 1;
  }
}

}  // namespace

std::size_t past_brackets(tokens text, std::size_t open_at) noexcept {
  int depth = 0;
  for (std::size_t at = open_at; at < text.size(); ++at) {
    if (text[at].kind == open) ++depth;
    if (text[at].kind == close && --depth == 0) return at + 1;
  }
  return text.size();
}

std::vector<column_test> tests_of(tokens condition) {
  std::vector<column_test> found;
  add_tests(condition, 0, found);
  return found;
}

}  // namespace querytap::detail
