#include "index_advice.hpp"

#include "../../base/ascii.hpp"

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

bool has_column(const std::vector<std::string>& columns, std::string_view name) {
  return std::ranges::any_of(columns, [&](const auto& column) { return same_name(column, name); });
}

// The column as the server knows it; null where the table has none of that name.
const std::string* find_column(std::string_view name, const table_facts& table) {
  const auto found = std::ranges::find_if(
      table.columns, [&](const std::string& column) { return same_name(column, name); });
  return found == table.columns.end() ? nullptr : &*found;
}

void add_indexed_column(const column_test& test, const table_facts& table,
                        std::vector<std::string>& columns) {
  const std::string* const column = find_column(test.column, table);
  if (column == nullptr || !cast_keeps_order(test.cast_to) || has_column(columns, *column)) return;
  columns.push_back(*column);
}

// The name is quoted where a column's name holds characters that need it.
std::string index_name(std::string_view table, const advised_index& index) {
  std::string name{unquoted(table)};
  for (const std::string& column : index.columns) name += fmt::format("_{}", unquoted(column));
  if (is_ascii_word(name)) return name;
  std::erase(name, '"');
  return fmt::format("\"{}\"", name);
}

}  // namespace

bool cast_keeps_order(std::string_view type) {
  static constexpr std::array<std::string_view, 4> textual{"", "text", "varchar", "character"};
  return std::ranges::any_of(textual, [&](std::string_view name) { return same_word(name, type); });
}

bool same_name(std::string_view a, std::string_view b) {
  return same_word(unquoted(a), unquoted(b));
}

advised_index advise_index(const std::vector<column_test>& tests, const table_facts& table) {
  advised_index index;
  const auto add_first = [&](column_test::sort how, std::size_t most) {
    for (const column_test& test : tests) {
      if (test.how != how || index.columns.size() >= most) continue;
      add_indexed_column(test, table, index.columns);
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

const index_facts* existing_index(const advised_index& advised, const table_facts& table) {
  const auto serves = [&](const index_facts& index) {
    if (index.is_partial || index.columns.empty()) return false;
    if (advised.is_inverted != (index.method == "gin" || index.method == "gist")) return false;
    return has_column(advised.columns, index.columns.front());
  };
  const auto found = std::ranges::find_if(table.indexes, serves);
  return found == table.indexes.end() ? nullptr : &*found;
}

std::string create_index_statement(const database_system& system, const table_facts& facts,
                                   const advised_index& index) {
  const bool is_partition = !facts.partition_of.empty();
  const std::string& table = is_partition ? facts.partition_of : facts.name;
  const std::string columns = fmt::format("{}", fmt::join(index.columns, ", "));
  switch (system.index) {
    case database_system::index_form::none: break;
    case database_system::index_form::named:
      return fmt::format("create index {} on {} ({})", index_name(table, index), table, columns);
    case database_system::index_form::concurrently:  // so that no write to the table waits for it
      return fmt::format("create index {}on {}{} ({})", is_partition ? "" : "concurrently ", table,
                         index.is_inverted ? " using gin" : "", columns);
  }
  return fmt::format("create an index on {} ({})", table, columns);
}

}  // namespace querytap::detail
