#include "catalog_facts.hpp"

#include "../../analysis/plans/condition.hpp"
#include "../../base/ascii.hpp"
#include "../../base/numbers.hpp"
#include "../../query/text/sanitised_tokens.hpp"

#include <querytap/query/identify.hpp>

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
  const bool is_word = !name.empty() && !is_ascii_digit(name[0]) && is_ascii_word(name) &&
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

/// What stands in brackets behind ON of a CREATE INDEX, and behind WHERE; both without literals.
void add_definition(std::string_view sql, index_facts& index) {
  const std::string text = identify(sql, dialect::sqlite).text;
  const std::vector<sql_token> tokens = sanitised_tokens(text, dialect::sqlite);
  const auto offset = [&](std::size_t token) {
    return token < tokens.size() ? static_cast<std::size_t>(tokens[token].text.data() - text.data())
                                 : text.size();
  };
  std::size_t open = 0;
  while (open < tokens.size() && tokens[open].kind != sql_token::sort::open) ++open;
  const std::size_t past = past_brackets(tokens, open);
  if (open < tokens.size()) {
    const bool has_expression = std::ranges::count(index.columns, std::string{}) != 0;
    const std::size_t begin = offset(open) + 1;
    if (has_expression) index.expressions = text.substr(begin, offset(past - 1) - begin);
  }
  if (past < tokens.size() && tokens[past].is("where")) {
    index.condition = text.substr(offset(past + 1));
  }
}

void add_indexes(const sqlite_session& session, const std::string& table, table_facts& facts) {
  session.query("select name, partial from pragma_index_list(?)", table, [&](const auto& row) {
    facts.indexes.push_back(
        {.name = std::string{row(0)}, .method = "btree", .is_partial = row(1) == "1"});
  });
  for (index_facts& index : facts.indexes) {
    index.columns =
        queried_names(session, "select name from pragma_index_info(?) order by seqno", index.name);
    session.query("select sql from sqlite_schema where type = 'index' and name = ?", index.name,
                  [&](const auto& row) { add_definition(row(0), index); });
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

bool is_analysed(const sqlite_session& session) {
  bool is_found = false;
  session.query("select 1 from sqlite_schema where name = ?", "sqlite_stat1",
                [&](const auto&) { is_found = true; });
  return is_found;
}

std::optional<table_facts> sqlite_facts(const sqlite_session& session, const std::string& table) {
  std::string name;
  // A virtual table takes no indexes, and how much of it is read is its module's affair.
  session.query(
      "select name from sqlite_schema where type = 'table' and name = ? collate nocase "
      "and sql not like 'create virtual%'",
      bare_table_name(table), [&](const auto& row) { name = row(0); });
  if (name.empty()) return std::nullopt;
  table_facts facts{.name = written_name(name), .rows = counted_rows(session, name)};
  facts.columns = queried_names(session, "select name from pragma_table_info(?)", name);
  add_indexes(session, name, facts);
  return facts;
}

}  // namespace querytap::detail
