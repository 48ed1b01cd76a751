#include "sqlite_judge.hpp"

#include <algorithm>
#include <stdexcept>

namespace querytap::testing {
namespace {

std::string in_quotes(const std::string& text, char quote) {
  std::string quoted{quote};
  for (const char c : text) quoted.append(c == quote ? 2 : 1, c);
  return quoted + quote;
}

}  // namespace

sqlite_judge::sqlite_judge(const std::vector<std::string>& schema)
    : with_strings_{open(schema, true)}, without_{open(schema, false)} {}

sqlite_judge::database sqlite_judge::open(const std::vector<std::string>& schema,
                                          bool has_strings) {
  sqlite3* opened = nullptr;
  sqlite3_open(":memory:", &opened);
  database db{opened};
  for (const std::string& sql : schema) {
    if (sqlite3_exec(opened, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) {
      throw std::runtime_error{sql + ": " + sqlite3_errmsg(opened)};
    }
  }
  const auto ignore = [](sqlite3_context*, int, sqlite3_value**) {};
  sqlite3_create_function(opened, "regexp", 2, SQLITE_UTF8, nullptr, ignore, nullptr, nullptr);
  for (const int setting : {SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL}) {
    sqlite3_db_config(opened, setting, has_strings ? 1 : 0, nullptr);
  }
  return db;
}

bool sqlite_judge::accepts(sqlite3* db, const std::string& sql) {
  sqlite3_stmt* compiled = nullptr;
  const int code = sqlite3_prepare_v2(db, sql.c_str(), -1, &compiled, nullptr);
  sqlite3_finalize(compiled);
  return code == SQLITE_OK;
}

// The message names one word at a time; in single quotes it is a string for sure.
sqlite_judge::verdict sqlite_judge::judge(const std::string& sql) const {
  constexpr std::string_view message = "no such column: ";
  verdict found;
  found.is_accepted = accepts(with_strings_.get(), sql);
  std::string text = sql;
  while (found.is_accepted && !accepts(without_.get(), text)) {
    std::string word = sqlite3_errmsg(without_.get());
    const bool is_known_message = word.starts_with(message);
    if (is_known_message) word.erase(0, message.size());
    const std::string quoted = in_quotes(word, '"');
    const std::size_t at = text.find(quoted);
    if (!is_known_message || at == std::string::npos) {
      throw std::runtime_error{text + ": " + sqlite3_errmsg(without_.get())};
    }
    found.strings.insert(word);
    text.replace(at, quoted.size(), in_quotes(word, '\''));
  }
  return found;
}

// A name with a dot is never a string, so that SQLite finds the column of a view as well.
bool sqlite_judge::has_column(const statement_identity& draft,
                              std::string_view name) const noexcept {
  return std::any_of(draft.tables.begin(), draft.tables.end(), [&](const std::string& table) {
    return accepts(with_strings_.get(),
                   "select t." + in_quotes(std::string{name}, '"') + " from " + table + " as t");
  });
}

std::string with_double_quotes(std::string_view sql) {
  std::string text;
  for (std::size_t at = 0; at < sql.size(); ++at) {
    const bool is_blob = text.ends_with('x') || text.ends_with('X');
    if (sql[at] != '\'' || is_blob) {
      text += sql[at];
      continue;
    }
    text += '"';
    for (++at; at < sql.size(); ++at) {
      if (sql[at] == '"') {
        text += "\"\"";
      } else if (sql[at] == '\'' && at + 1 < sql.size() && sql[at + 1] == '\'') {
        text += sql[at++];
      } else if (sql[at] == '\'') {
        break;
      } else {
        text += sql[at];
      }
    }
    text += '"';
  }
  return text;
}

}  // namespace querytap::testing
