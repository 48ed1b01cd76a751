#include "ordinal.hpp"

#include "../text/characters.hpp"
#include "../text/sanitised_tokens.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {
namespace {

// Words behind which another list begins than that of BY.
constexpr std::array<std::string_view, 17> words_of_other_lists{
    "limit",     "offset", "select", "from",   "where",     "having", "values", "set", "on",
    "returning", "fetch",  "using",  "window", "intersect", "union",  "except", "in"};

bool begins_other_list(std::string_view word) noexcept {
  return std::ranges::any_of(words_of_other_lists,
                             [&](std::string_view other) { return same_word(word, other); });
}

std::size_t begin_of_word(std::string_view text, std::size_t end) noexcept {
  while (end > 0 && is_name_part(text[end - 1])) --end;
  return end;
}

/// The word, or the character, that the text ends in, except for blanks.
std::string_view last_word(std::string_view text) noexcept {
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  const std::size_t begin = begin_of_word(text, text.size());
  return text.substr(begin < text.size() || text.empty() ? begin : text.size() - 1);
}

/// What brackets around the place of a column are.
enum class grouping_brackets : std::uint8_t {
  none,
  of_item,  ///< `(1, 2)`, which holds places of columns in `cube((1, 2), 3)` alone
  of_sets,  ///< `cube(…)`, `rollup(…)`, `grouping sets (…)`
  other,
};

grouping_brackets brackets_behind(std::string_view written) noexcept {
  static constexpr std::array<std::string_view, 3> sets{"cube", "rollup", "sets"};
  const std::string_view word = last_word(written);
  if (std::ranges::any_of(sets, [&](auto name) { return same_word(word, name); })) {
    return grouping_brackets::of_sets;
  }
  return word == "(" || word == "," ? grouping_brackets::of_item : grouping_brackets::other;
}

}  // namespace

bool ends_in_by_list(std::string_view written) noexcept {
  int depth = 0;
  grouping_brackets brackets = grouping_brackets::none;
  for (std::size_t at = written.size(); at > 0;) {
    const char last = written[--at];
    if (last == '"' || last == '`') {  // a quote within a name stands twice
      const std::size_t open = at == 0 ? written.npos : written.rfind(last, at - 1);
      if (open == written.npos) return false;
      at = open;
    } else if (last == ')' || last == ']') {
      ++depth;
    } else if (last == '(' || last == '[') {
      if (depth > 0) {
        --depth;
        continue;
      }
      brackets = brackets_behind(written.substr(0, at));
      if (last == '[' || brackets == grouping_brackets::other) return false;
    } else if (is_name_part(last)) {
      const std::size_t begin = begin_of_word(written, at);
      const std::string_view word = written.substr(begin, at + 1 - begin);
      at = begin;
      const bool is_of_table = at > 0 && written[at - 1] == '.';
      if (depth > 0 || is_of_table) continue;
      if (same_word(word, "by")) {
        if (brackets == grouping_brackets::none) return true;
        return brackets == grouping_brackets::of_sets &&
               same_word(last_word(written.substr(0, begin)), "group");
      }
      if (begins_other_list(word)) return false;
    }
  }
  return false;
}

bool may_follow_by_item(std::string_view word) noexcept {
  static constexpr std::array<std::string_view, 17> words{
      "asc",   "desc",   "nulls", "limit", "offset", "having", "union", "except", "intersect",
      "fetch", "window", "for",   "order", "with",   "on",     "rows",  "…"};
  return std::ranges::any_of(words, [&](std::string_view other) { return same_word(word, other); });
}

bool is_place_of_column(std::string_view digits) noexcept {
  static constexpr std::size_t most_digits = 4;
  return digits.size() <= most_digits && std::ranges::all_of(digits, is_ascii_digit);
}

}  // namespace querytap::detail
