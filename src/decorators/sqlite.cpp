#include "connect_timer.hpp"
#include "sqlite_error.hpp"

#include <querytap/base/error.hpp>
#include <querytap/decorators/sqlite.hpp>

#include <climits>
#include <filesystem>

namespace querytap::sqlite {
namespace {

backend_options describe(sqlite3* db) {
  const char* const file = sqlite3_db_filename(db, "main");
  const bool in_memory = file == nullptr || *file == '\0';
  return {.system = "sqlite",
          .name_space = in_memory ? ":memory:" : std::filesystem::path{file}.filename().string(),
          .rules = dialect::sqlite};
}

void check(const std::string& path, const connection_options& options) {
  if (path.find('\0') != std::string::npos) {
    throw configuration_error{"path", path.c_str(), "contains a NUL byte"};
  }
  const auto milliseconds = options.busy_timeout.count();
  if (milliseconds < 0 || milliseconds > INT_MAX) {
    throw configuration_error{"busy_timeout", std::to_string(milliseconds) + " ms",
                              "expected 0 ms to " + std::to_string(INT_MAX) + " ms"};
  }
}

const char* begin_statement(transaction::locking when) noexcept {
  switch (when) {
    case transaction::locking::deferred: break;
    case transaction::locking::immediate: return "BEGIN IMMEDIATE";
    case transaction::locking::exclusive: return "BEGIN EXCLUSIVE";
  }
  return "BEGIN";
}

}  // namespace

connection::connection(recorder& telemetry, const std::string& path, connection_options options)
    : handle_{open(telemetry, path, options)}, backend_{telemetry, describe(handle_.get())} {}

connection::database connection::open(recorder& telemetry, const std::string& path,
                                      const connection_options& options) {
  check(path, options);
  const querytap::detail::connect_timer timer{telemetry, "sqlite"};
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, options.flags, nullptr);
  database handle{opened};
  if (code != SQLITE_OK) throw detail::error_of(opened, sqlite3_extended_errcode(opened));
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, static_cast<int>(options.busy_timeout.count()));
  return handle;
}

statement connection::prepare(std::string_view sql) {
  const std::string text = terminated(sql);
  const char* rest = text.c_str();
  piece first;
  while (!first.handle && *rest != '\0') first = compile_next(rest);
  if (!first.handle) refuse(sql, {SQLITE_MISUSE, "sqlite: no statement in the text to prepare"});
  while (*rest != '\0') {
    if (compile_next(rest).handle) {
      refuse(sql, {SQLITE_MISUSE, "sqlite: more than one statement to prepare; use exec()"});
    }
  }
  return statement{std::move(first.handle), backend_.statement_for(first.text)};
}

void connection::exec(std::string_view sql) {
  const std::string text = terminated(sql);
  for (const char* rest = text.c_str(); *rest != '\0';) {
    if (piece next = compile_next(rest); next.handle) {
      statement{std::move(next.handle), backend_.statement_for(next.text)}.run();
    }
  }
}

std::string connection::terminated(std::string_view sql) const {
  const std::size_t nul = sql.find('\0');
  if (nul != std::string_view::npos) {
    refuse(sql, {SQLITE_MISUSE, "sqlite: NUL byte in the SQL text at " + std::to_string(nul)});
  }
  return std::string{sql};
}

connection::piece connection::compile_next(const char*& sql) const {
  sqlite3_stmt* handle = nullptr;
  const char* rest = sql;
  const int code = sqlite3_prepare_v2(handle_.get(), sql, -1, &handle, &rest);
  // On a syntax error, as far as SQLite could follow.
  const std::string_view text{sql, static_cast<std::size_t>(rest - sql)};
  if (code != SQLITE_OK) refuse(text, detail::error_of(handle_.get(), code));
  sql = rest;
  return {statement::compiled{handle}, text};
}

// It never ran, so that no time is recorded for it.
void connection::refuse(std::string_view sql, const error& why) const {
  operation refused{backend_.statement_for(sql)};
  refused.fail(detail::outcome_of(why.code()));
  refused.finish();
  throw why;
}

transaction::transaction(connection& db, locking when) : db_{db} {
  db_.exec(begin_statement(when));
}

transaction::~transaction() {
  // SQLite has rolled back by itself after some errors, a full disk for one.
  if (committed_ || sqlite3_get_autocommit(db_.native()) != 0) return;
  try {
    db_.exec("ROLLBACK");
  } catch (...) {
    // Recorded; the transaction ends with the connection.
  }
}

void transaction::commit() {
  db_.exec("COMMIT");
  committed_ = true;
}

}  // namespace querytap::sqlite
