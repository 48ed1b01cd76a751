#include "schema_columns.hpp"

#include <algorithm>
#include <exception>
#include <memory>

namespace querytap::sqlite::detail {
namespace {

/// A name as it is written in a statement.
struct written_table {
  std::string schema;  // empty: that which SQLite finds first
  std::string name;
};

/// Takes the first part of `users` or `main."users"` off the text.
std::string take_name(std::string_view& text) {
  const char first = text.empty() ? '\0' : text.front();
  const char closing = first == '[' ? ']' : first == '"' || first == '`' ? first : '\0';
  std::string name;
  std::size_t at = closing == '\0' ? 0 : 1;
  for (; at < text.size(); ++at) {
    if (closing == '\0' && text[at] == '.') break;
    if (text[at] == closing && closing != '\0') {
      const bool is_doubled = closing != ']' && at + 1 < text.size() && text[at + 1] == closing;
      if (!is_doubled) break;
      ++at;
    }
    name += text[at];
  }
  if (closing != '\0' && at < text.size()) ++at;
  text.remove_prefix(at);
  if (text.starts_with('.')) text.remove_prefix(1);
  return name;
}

written_table written_table_of(std::string_view text) {
  written_table table;
  table.name = take_name(text);
  if (text.empty()) return table;
  table.schema = std::move(table.name);
  table.name = take_name(text);
  return table;
}

/// Whether the table has the column, or with a null column, whether there is such a table.
bool finds(sqlite3* db, const written_table& table, const char* column) noexcept {
  const char* const schema = table.schema.empty() ? nullptr : table.schema.c_str();
  return sqlite3_table_column_metadata(db, schema, table.name.c_str(), column, nullptr, nullptr,
                                       nullptr, nullptr, nullptr) == SQLITE_OK;
}

struct finalize_probe {
  void operator()(sqlite3_stmt* handle) const noexcept { sqlite3_finalize(handle); }
};

bool is_switched_off(sqlite3* db, int setting) noexcept {
  int value = 1;  // as it stays where SQLite does not know the setting
  sqlite3_db_config(db, setting, -1, &value);
  return value == 0;
}

}  // namespace

// A look-up that failed left its error code behind; one that succeeds resets it.
schema_columns::~schema_columns() {
  if (has_failed_) static_cast<void>(finds(db_, {"main", "sqlite_master"}, "name"));
}

bool schema_columns::has_column(const statement_identity& draft,
                                std::string_view name) const noexcept {
  try {
    const std::string column{name};
    for (const std::string& table : draft.tables) {
      if (is_in_table(table, column.c_str())) return true;
    }
    read_views(draft);
    return std::any_of(columns_of_views_.begin(), columns_of_views_.end(),
                       [&](const std::string& known) {
                         return sqlite3_stricmp(known.c_str(), column.c_str()) == 0;
                       });
  } catch (const std::exception&) {
    return false;  // no memory
  }
}

bool schema_columns::is_in_table(const std::string& table, const char* column) const {
  const bool is_found = finds(db_, written_table_of(table), column);
  if (!is_found) has_failed_ = true;
  return is_found;
}

// A definition may name what it is about to make.
void schema_columns::read_views(const statement_identity& draft) const {
  const bool is_query = draft.kind == statement_kind::read || draft.kind == statement_kind::write;
  if (has_read_views_ || !is_query) return;
  has_read_views_ = true;
  for (const std::string& table : draft.tables) {
    if (!is_in_table(table, nullptr)) add_columns_of(table);
  }
}

void schema_columns::add_columns_of(const std::string& view) const {
  const std::string query = "select * from " + view;
  sqlite3_stmt* compiled = nullptr;
  sqlite3_prepare_v2(db_, query.c_str(), static_cast<int>(query.size()), &compiled, nullptr);
  const std::unique_ptr<sqlite3_stmt, finalize_probe> owner{compiled};
  for (int i = 0; i < sqlite3_column_count(compiled); ++i) {
    const char* const name = sqlite3_column_name(compiled, i);
    if (name != nullptr) columns_of_views_.emplace_back(name);
  }
}

quoting quoting_of_connection(sqlite3* db, const known_columns* columns) noexcept {
  const bool has_no_strings =
      is_switched_off(db, SQLITE_DBCONFIG_DQS_DML) && is_switched_off(db, SQLITE_DBCONFIG_DQS_DDL);
  if (has_no_strings) return {.double_quoted_names = true};
  return {.columns = columns};
}

const querytap::statement& compiled_statement(const backend& backend, sqlite3* db,
                                              std::string_view text) noexcept {
  const schema_columns columns{db};
  return backend.statement_for(text, [&] { return quoting_of_connection(db, &columns); });
}

const querytap::statement& refused_statement(const backend& backend, sqlite3* db,
                                             std::string_view text) noexcept {
  return backend.statement_for(text, [db] { return quoting_of_connection(db, nullptr); });
}

}  // namespace querytap::sqlite::detail
