#include "mysql_facts.hpp"

#include "../../base/numbers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace querytap::detail {
namespace {

constexpr std::size_t most_mysql_tables = 8;

struct named_table {
  std::string written;  // as in the statement
  std::string schema;   // empty: the current database
  std::string name;
};

std::string without_backquotes(std::string_view name) {
  std::string bare{name};
  std::erase(bare, '`');
  return bare;
}

named_table named_table_of(const std::string& written) {
  const std::size_t dot = written.find('.');
  if (dot == std::string::npos) return {written, {}, without_backquotes(written)};
  return {written, without_backquotes(written.substr(0, dot)),
          without_backquotes(written.substr(dot + 1))};
}

// `(table_schema = … and table_name = …) or …`
std::string condition_of_tables(const std::vector<named_table>& tables) {
  std::string condition;
  for (const named_table& table : tables) {
    condition +=
        fmt::format("{}(table_schema = {} and table_name = {})", condition.empty() ? "" : " or ",
                    table.schema.empty() ? "database()" : mysql_session::quoted(table.schema),
                    mysql_session::quoted(table.name));
  }
  return condition;
}

std::string as_written(const std::string& name) {
  const bool is_plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
  return is_plain ? name : '`' + name + '`';
}

std::string in_small_letters(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

}  // namespace

server_facts mysql_facts(mysql_session& session, const std::vector<std::string>& tables,
                         mysql_session::deadline until) {
  server_facts facts;
  const mysql_rows memory = session.query("select @@sort_buffer_size", until);
  if (!memory.empty()) facts.sort_memory = leading_number<double>(memory[0][0]);
  std::vector<named_table> named;
  for (const std::string& table : tables) {
    if (named.size() < most_mysql_tables) named.push_back(named_table_of(table));
  }
  if (named.empty()) return facts;
  const std::string condition = condition_of_tables(named);

  // Names of two databases may be equal: the schema comes with each.
  const auto facts_of = [&](const std::vector<std::string>& row) -> table_facts* {
    const auto is_row = [&](const named_table& table) {
      return table.name == row[1] && (table.schema.empty() || table.schema == row[0]);
    };
    const auto found = std::ranges::find_if(named, is_row);
    if (found == named.end()) return nullptr;
    for (table_facts& known : facts.tables) {
      if (known.name == found->written) return &known;
    }
    return &facts.tables.emplace_back(table_facts{.name = found->written});
  };
  for (const auto& row : session.query("select table_schema, table_name, table_rows, data_length "
                                       "from information_schema.tables where " +
                                           condition,
                                       until)) {
    if (table_facts* const table = facts_of(row)) {
      table->rows = leading_number<double>(row[2]);
      table->bytes = leading_number<double>(row[3]);
    }
  }
  for (const auto& row : session.query("select table_schema, table_name, column_name "
                                       "from information_schema.columns where " +
                                           condition + " order by ordinal_position",
                                       until)) {
    if (table_facts* const table = facts_of(row)) table->columns.push_back(as_written(row[2]));
  }
  for (const auto& row : session.query(
           "select table_schema, table_name, index_name, index_type, column_name, cardinality "
           "from information_schema.statistics where " +
               condition + " order by table_schema, table_name, index_name, seq_in_index",
           until)) {
    table_facts* const table = facts_of(row);
    if (table == nullptr) continue;
    const bool is_first = table->indexes.empty() || table->indexes.back().name != row[2];
    if (is_first) {
      table->indexes.push_back({.name = row[2], .method = in_small_letters(row[3])});
      if (!row[5].empty()) {
        table->values.push_back(
            {.column = as_written(row[4]), .distinct = leading_number<double>(row[5])});
      }
    }
    table->indexes.back().columns.push_back(row[4].empty() ? std::string{} : as_written(row[4]));
  }
  return facts;
}

}  // namespace querytap::detail
