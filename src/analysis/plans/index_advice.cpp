#include "index_advice.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace querytap::detail {
namespace {

bool is_quoted(std::string_view name) noexcept {
  return name.size() > 2 && (name.front() == '"' || name.front() == '`' || name.front() == '[');
}

std::string_view unquoted(std::string_view name) noexcept {
  return is_quoted(name) ? name.substr(1, name.size() - 2) : name;
}

bool has(const std::vector<std::string>& columns, std::string_view name) {
  return std::ranges::any_of(columns, [&](const auto& one) { return same_name(one, name); });
}

// The column as the server knows it; null where the table has none of that name.
const std::string* column_named(std::string_view name, const table_facts& of) {
  const auto found = std::ranges::find_if(
      of.columns, [&](const std::string& one) { return same_name(one, name); });
  return found == of.columns.end() ? nullptr : &*found;
}

// An index on the column is of use all the same: these compare as the text that they are.
bool keeps_order(std::string_view type) {
  static constexpr std::array<std::string_view, 4> textual{"", "text", "varchar", "character"};
  return std::ranges::any_of(textual, [&](std::string_view one) { return same_word(one, type); });
}

void add(const column_test& test, const table_facts& of, std::vector<std::string>& to) {
  const std::string* const column = column_named(test.column, of);
  if (column == nullptr || !keeps_order(test.cast_to) || has(to, *column)) return;
  to.push_back(*column);
}

// An index's name may hold whatever a column's does.
std::string index_name(std::string_view table, const advised_index& index) {
  std::string name{unquoted(table)};
  for (const std::string& column : index.columns) name += fmt::format("_{}", unquoted(column));
  const bool is_plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  if (is_plain) return name;
  std::erase(name, '"');
  return fmt::format("\"{}\"", name);
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  return same_word(unquoted(a), unquoted(b));
}

advised_index advise(const std::vector<column_test>& tests, const table_facts& of) {
  advised_index index;
  const auto add_first = [&](column_test::sort how, std::size_t most) {
    for (const column_test& test : tests) {
      if (test.how == how && index.columns.size() < most) add(test, of, index.columns);
    }
  };
  static constexpr std::size_t most_columns = 4;
  add_first(column_test::sort::equal, most_columns);
  add_first(column_test::sort::range, index.columns.size() + 1);
  if (index.columns.empty()) {
    add_first(column_test::sort::contains, 1);
    index.is_inverted = !index.columns.empty();
  }
  return index;
}

const index_facts* existing_index(const advised_index& like, const table_facts& of) {
  const auto serves = [&](const index_facts& one) {
    if (one.is_partial || one.columns.empty()) return false;
    if (like.is_inverted != (one.method == "gin" || one.method == "gist")) return false;
    return has(like.columns, one.columns.front());
  };
  const auto found = std::ranges::find_if(of.indexes, serves);
  return found == of.indexes.end() ? nullptr : &*found;
}

std::string create_statement(std::string_view system, const std::string& table,
                             const advised_index& index) {
  const std::string columns = fmt::format("{}", fmt::join(index.columns, ", "));
  if (system == "sqlite") {
    return fmt::format("create index {} on {} ({})", index_name(table, index), table, columns);
  }
  // Concurrently: nothing that writes to the table waits for it.
  return fmt::format("create index concurrently on {}{} ({})", table,
                     index.is_inverted ? " using gin" : "", columns);
}

}  // namespace querytap::detail
