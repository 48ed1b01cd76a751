#include "catalog_facts.hpp"

#include "../../base/numbers.hpp"

#include <algorithm>

namespace querytap::detail {
namespace {

std::string quoted_name(std::string_view name) {
  std::string quoted{'"'};
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

/// The name as a statement would write it: in quotes only where SQLite would not read it as a name.
std::string written_name(std::string_view name) {
  const auto is_plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const bool is_word = !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
                       std::ranges::all_of(name, is_plain) &&
                       sqlite3_keyword_check(name.data(), static_cast<int>(name.size())) == 0;
  return is_word ? std::string{name} : quoted_name(name);
}

/// The table of `schema.table`, without quotes.
std::string bare_table_name(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot != name.npos) name.remove_prefix(dot + 1);
  const bool is_quoted = name.size() > 2 && (name[0] == '"' || name[0] == '`' || name[0] == '[');
  return std::string{is_quoted ? name.substr(1, name.size() - 2) : name};
}

std::vector<std::string> queried_names(const sqlite_session& session, const std::string& statement,
                                       std::string_view parameter) {
  std::vector<std::string> found;
  session.query(statement, parameter, [&](const auto& row) {
    found.push_back(row(0).empty() ? "" : written_name(row(0)));
  });
  return found;
}

void add_indexes(const sqlite_session& session, const std::string& table, table_facts& facts) {
  session.query("select name, partial from pragma_index_list(?)", table, [&](const auto& row) {
    facts.indexes.push_back(
        {.name = std::string{row(0)}, .method = "btree", .is_partial = row(1) == "1"});
  });
  for (index_facts& index : facts.indexes) {
    index.columns =
        queried_names(session, "select name from pragma_index_info(?) order by seqno", index.name);
  }
}

double queried_number(const sqlite_session& session, const std::string& statement,
                      std::string_view parameter = {}) {
  double value = 0;
  try {
    session.query(statement, parameter,
                  [&](const auto& row) { value = leading_number<double>(row(0)); });
  } catch (const plan_error&) {
    return 0;  // never analysed, or a table without rowids
  }
  return value;
}

double counted_rows(const sqlite_session& session, const std::string& table) {
  const double analysed = queried_number(
      session, "select cast(stat as integer) from sqlite_stat1 where tbl = ? limit 1", table);
  return analysed > 0 ? analysed
                      : queried_number(session, "select max(rowid) from " + quoted_name(table));
}

}  // namespace

std::optional<table_facts> sqlite_facts(const sqlite_session& session, const std::string& table) {
  std::string name;
  session.query("select name from sqlite_schema where type = 'table' and name = ? collate nocase",
                bare_table_name(table), [&](const auto& row) { name = row(0); });
  if (name.empty()) return std::nullopt;
  table_facts facts{.name = written_name(name), .rows = counted_rows(session, name)};
  facts.columns = queried_names(session, "select name from pragma_table_info(?)", name);
  add_indexes(session, name, facts);
  return facts;
}

}  // namespace querytap::detail
