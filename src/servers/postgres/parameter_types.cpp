#include "parameter_types.hpp"

#include "../../query/text/characters.hpp"
#include "../../query/text/sanitised_tokens.hpp"

#include <algorithm>
#include <utility>

namespace querytap::detail {
namespace {

// Most literals without quotes are integers, and most literals in quotes that need a type texts.
constexpr std::array<const char*, 5> tried_types{"int", "text", "timestamptz", "float8", "bool"};

constexpr std::array<std::string_view, 9> words_before_result{
    "then", "else", "select", "distinct", "(", ",", "values", "returning", "all"};
constexpr std::array<std::string_view, 9> words_after_result{"when",  "else", "end",   ")", ",",
                                                             "union", "from", "where", "as"};

bool is_any_of(std::string_view text, const auto& words) {
  return std::ranges::any_of(words, [&](std::string_view word) { return same_word(text, word); });
}

}  // namespace

bool parameter_types::change(std::string_view sqlstate, std::size_t position,
                             std::size_t parameter) {
  const bool is_of_types = sqlstate == "42P18" || sqlstate == "42725" || sqlstate == "42883" ||
                           sqlstate == "42804" || sqlstate == "42846";
  if (!is_of_types || ++changes_ > most_changes) return false;
  const std::size_t at = position == 0 ? text_.tokens.size() : text_.token_at(position - 1, '$');
  // `$1 is null`: any type will do.
  if (sqlstate == "42P18") return set_text(parameter, beside(at));
  const places found = beside(at);
  const bool is_again = std::exchange(last_at_, at) == at && position != 0;
  const bool has_untyped = std::ranges::any_of(found, [&](std::size_t place) {
    return text_.parameters[text_.tokens[place].parameter].type.empty();
  });
  if (has_untyped && !is_again) return set_next_type(found);
  if (set_next_type(listed_values(at))) return true;
  // The cause may be a column that the operand is of: `with n(i) as (select ? union …)`.
  if (!std::exchange(has_typed_results_, true)) {
    return set_next_type(results(0, text_.tokens.size()));
  }
  return set_next_type(found.empty() ? column_of_first_query(at) : found);
}

bool parameter_types::is_parameter(std::size_t at) const {
  return at < text_.tokens.size() && text_.tokens[at].parameter != explained_token::no_parameter;
}

bool parameter_types::is_word(std::size_t at, std::string_view word) const {
  return at < text_.tokens.size() && same_word(text_.tokens[at].text, word);
}

std::size_t parameter_types::past_call(std::size_t open_at) const {
  int depth = 0;
  for (std::size_t at = open_at; at < text_.tokens.size(); ++at) {
    if (is_word(at, "(")) ++depth;
    if (is_word(at, ")") && --depth == 0) return at + 1;
  }
  return text_.tokens.size();
}

parameter_types::places parameter_types::beside(std::size_t at) const {
  if (at >= text_.tokens.size()) return {};
  if (is_parameter(at)) return {at};
  while (is_word(at + 1, ".")) at += 2;
  if (is_word(at + 1, "(")) {
    const std::size_t end = past_call(at + 1);
    return results(at + 1, end);
  }
  places found;
  if (at > 0 && is_parameter(at - 1)) found.push_back(at - 1);
  if (is_parameter(at + 1)) found.push_back(at + 1);
  return found;
}

bool parameter_types::is_end_of_result(std::size_t at) const {
  return at >= text_.tokens.size() || is_any_of(text_.tokens[at].text, words_after_result);
}

bool parameter_types::is_name(std::size_t at) const {
  return at < text_.tokens.size() && !text_.tokens[at].text.empty() &&
         is_name_part(text_.tokens[at].text.front());
}

parameter_types::places parameter_types::results(std::size_t begin, std::size_t end) const {
  places found;
  for (std::size_t at = begin; at < end; ++at) {
    if (!is_parameter(at) || at == 0) continue;
    const bool begins = is_any_of(text_.tokens[at - 1].text, words_before_result);
    const bool ends = is_end_of_result(at + 1) || (is_name(at + 1) && is_end_of_result(at + 2));
    if (begins && ends) found.push_back(at);
  }
  return found;
}

/// The parameters of the column of `(values …) as v(a, b)` that stands at this token, or that the
/// operator there compares: `v.a = t.a`.
parameter_types::places parameter_types::listed_values(std::size_t at) const {
  if (at == 0 || at >= text_.tokens.size()) return {};
  const auto column_at = [&](std::size_t begin) {
    return is_word(begin + 1, ".") ? begin + 2 : begin;
  };
  for (const std::size_t column : {column_at(at), at - 1, column_at(at + 1)}) {
    if (!is_name(column)) continue;
    const bool is_qualified = column > 1 && is_word(column - 1, ".");
    for (std::size_t list = 1; list + 1 < text_.tokens.size(); ++list) {
      if (!is_name(list) || !is_word(list + 1, "(")) continue;
      if (is_qualified && !is_word(list, text_.tokens[column - 2].text)) continue;
      const std::size_t values = values_named_by(list);
      const std::size_t place = place_in_list(list + 1, text_.tokens[column].text);
      if (values != SIZE_MAX && place != SIZE_MAX) return column_of_rows(values + 1, place);
    }
  }
  return {};
}

/// The word VALUES of `(values …) as v(` or `v( … ) as (values …)`, `v` being this token.
std::size_t parameter_types::values_named_by(std::size_t at) const {
  std::size_t values = past_call(at + 1);
  if (is_word(values, "as") && is_word(values + 1, "(")) {
    values += 2;
  } else {
    std::size_t open = is_word(at - 1, "as") ? at - 2 : at - 1;
    if (!is_word(open, ")")) return SIZE_MAX;
    for (int depth = 0; open > 0; --open) {
      if (is_word(open, ")")) ++depth;
      if (is_word(open, "(") && --depth == 0) break;
    }
    values = open + 1;
  }
  return is_word(values, "values") ? values : SIZE_MAX;
}

/// How many names of the list stand before this one.
std::size_t parameter_types::place_in_list(std::size_t open_at, std::string_view name) const {
  const std::size_t end = past_call(open_at);
  for (std::size_t at = open_at + 1; at < end; at += 2) {
    if (is_word(at, name)) return (at - open_at - 1) / 2;
  }
  return SIZE_MAX;
}

/// The parameters that are the column of these rows, each in brackets.
parameter_types::places parameter_types::column_of_rows(std::size_t at, std::size_t column) const {
  places found;
  while (is_word(at, "(")) {
    const std::size_t end = past_call(at);
    std::size_t place = 0;
    int depth = 0;
    for (; at < end; ++at) {
      if (is_word(at, "(")) ++depth;
      if (is_word(at, ")")) --depth;
      if (depth == 1 && is_word(at, ",")) ++place;
      if (depth == 1 && place == column && is_parameter(at)) found.push_back(at);
    }
    if (is_word(end, ",")) ++at;
  }
  return found;
}

// A recursive query has the types of its first part, where the server names the column of the second.
parameter_types::places parameter_types::column_of_first_query(std::size_t at) const {
  std::size_t column = 0;
  const std::size_t second = begin_of_query(at, column);
  std::size_t unused = 0;
  if (second == 0 || second > text_.tokens.size()) return {};
  std::size_t place = begin_of_query(second - 1, unused) + 1;
  for (int depth = 0; place < second && column > 0; ++place) {
    if (is_word(place, "(")) ++depth;
    if (is_word(place, ")")) --depth;
    if (depth == 0 && is_word(place, ",")) --column;
  }
  return is_parameter(place) ? places{place} : places{};
}

/// The SELECT of the query that has this token in its list, and before how many commas it stands.
std::size_t parameter_types::begin_of_query(std::size_t at, std::size_t& commas) const {
  int depth = 0;
  for (; at > 0 && at < text_.tokens.size(); --at) {
    if (is_word(at, ")")) ++depth;
    if (is_word(at, "(") && depth-- == 0) return SIZE_MAX;
    if (depth == 0 && is_word(at, ",")) ++commas;
    if (depth == 0 && is_word(at, "select")) return at;
  }
  return SIZE_MAX;
}

bool parameter_types::set_text(std::size_t parameter, const places& found) {
  if (parameter > 0 && parameter <= text_.parameters.size()) {
    return set_text(text_.parameters[parameter - 1]);
  }
  bool is_changed = false;
  for (const std::size_t place : found) {
    if (set_text(text_.parameters[text_.tokens[place].parameter])) is_changed = true;
  }
  return is_changed;
}

bool parameter_types::set_text(explained_parameter& parameter) {
  if (!parameter.type.empty()) return false;
  parameter.type = parameter.is_array ? "text[]" : "text";
  return true;
}

bool parameter_types::set_next_type(const places& found) {
  bool is_changed = false;
  std::vector<bool> is_done(text_.parameters.size());  // one may stand in several places
  for (const std::size_t place : found) {
    const std::size_t number = text_.tokens[place].parameter;
    if (is_done[number] || tried_[number] == tried_types.size()) continue;
    is_done[number] = true;
    explained_parameter& parameter = text_.parameters[number];
    parameter.type = tried_types[tried_[number]++];
    if (parameter.is_array) parameter.type += "[]";
    is_changed = true;
  }
  return is_changed;
}

}  // namespace querytap::detail
