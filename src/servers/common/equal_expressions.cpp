#include "equal_expressions.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

namespace querytap::detail {
namespace {

// Words that end the list behind BY.
constexpr std::array<std::string_view, 20> words_after_by_list{
    "limit", "offset",    "having", "window",    "union", "intersect", "except",
    "fetch", "for",       "on",     "order",     "group", "rows",      "range",
    "where", "returning", "groups", "partition", "set",   "using"};

constexpr std::array<std::string_view, 5> words_after_by_item{"asc", "desc", "nulls", "first",
                                                              "last"};

template <std::size_t Size>
bool is_listed_word(const sql_token& token, const std::array<std::string_view, Size>& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return token.is(word); });
}

bool are_equal_tokens(const sql_token& a, const sql_token& b) {
  return a.kind == b.kind &&
         (a.kind == sql_token::sort::word ? same_word(a.text, b.text) : a.text == b.text);
}

/// Finds the items of lists behind BY.
class by_items {
 public:
  explicit by_items(std::span<const sql_token> tokens) : tokens_{tokens} {}

  /// Calls `visit(begin, end)` for each item of the list that begins at `at`.
  template <class Visit>
  void for_each(std::size_t at, Visit visit) const {
    using enum sql_token::sort;
    std::size_t begin = at;
    int depth = 0;
    for (; at <= tokens_.size(); ++at) {
      const bool is_end = at == tokens_.size() ||
                          (depth == 0 && (tokens_[at].kind == close ||
                                          is_listed_word(tokens_[at], words_after_by_list)));
      if (is_end || (depth == 0 && tokens_[at].kind == comma)) {
        visit(begin, end_of_expression(begin, at));
        begin = at + 1;
      }
      if (is_end) return;
      if (tokens_[at].kind == open) ++depth;
      if (tokens_[at].kind == close) --depth;
    }
  }

 private:
  [[nodiscard]] std::size_t end_of_expression(std::size_t begin, std::size_t end) const {
    while (end > begin && is_listed_word(tokens_[end - 1], words_after_by_item)) --end;
    return end;
  }

  std::span<const sql_token> tokens_;
};

/// Joins all places where the expression stands with the first of them.
void join_occurrences(std::span<const sql_token> tokens, std::span<const sql_token> expression,
                      std::vector<std::size_t>& first_equal) {
  std::size_t first = tokens.size();
  for (auto place = tokens.begin(); place != tokens.end();) {
    const auto found =
        std::search(place, tokens.end(), expression.begin(), expression.end(), are_equal_tokens);
    if (found == tokens.end()) return;
    const auto at = static_cast<std::size_t>(found - tokens.begin());
    if (first == tokens.size()) first = at;
    for (std::size_t i = 0; i < expression.size(); ++i) {
      first_equal[at + i] = first_equal[first + i];
    }
    place = found + static_cast<std::ptrdiff_t>(expression.size());
  }
}

}  // namespace

std::vector<std::size_t> first_equal_tokens(std::span<const sql_token> tokens) {
  std::vector<std::size_t> first_equal(tokens.size());
  std::iota(first_equal.begin(), first_equal.end(), std::size_t{0});
  const by_items items{tokens};
  for (std::size_t at = 0; at < tokens.size(); ++at) {
    if (!tokens[at].is("by")) continue;
    items.for_each(at + 1, [&](std::size_t begin, std::size_t end) {
      if (end - begin < 2) return;  // a name, or a parameter by itself
      const auto expression = tokens.subspan(begin, end - begin);
      const bool has_value = std::ranges::any_of(
          expression, [](const sql_token& token) { return token.kind == sql_token::sort::value; });
      if (has_value) join_occurrences(tokens, expression, first_equal);
    });
  }
  return first_equal;
}

}  // namespace querytap::detail
