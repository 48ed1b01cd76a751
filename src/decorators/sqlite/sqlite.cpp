#include <querytap/decorators/sqlite.hpp>

#include "../common/connect_timer.hpp"
#include "schema_columns.hpp"
#include "sqlite_error.hpp"

#include <querytap/base/database_system.hpp>
#include <querytap/base/error.hpp>

#include <algorithm>
#include <array>
#include <climits>
#include <filesystem>

namespace querytap::sqlite {
namespace {

backend_options backend_options_of(sqlite3* db, const connection_options& options) {
  const char* const file = sqlite3_db_filename(db, "main");
  const bool in_memory = file == nullptr || *file == '\0';
  return {.system = std::string{database_systems::sqlite.name},
          .database = in_memory ? ":memory:" : std::filesystem::path{file}.filename().string(),
          .dialect = database_systems::sqlite.dialect,
          .slow_threshold = options.slow_threshold,
          .slow_multiple = options.slow_multiple,
          .describe_parameters = options.describe_parameters};
}

void check_options(const std::string& path, const connection_options& options) {
  if (path.find('\0') != std::string::npos) {
    throw configuration_error{"path", path.c_str(), "contains a NUL byte"};
  }
  const auto milliseconds = options.busy_timeout.count();
  if (milliseconds < 0 || milliseconds > INT_MAX) {
    throw configuration_error{"busy_timeout", std::to_string(milliseconds) + " ms",
                              "expected 0 ms to " + std::to_string(INT_MAX) + " ms"};
  }
}

const char* begin_statement(transaction::locking mode) noexcept {
  switch (mode) {
    case transaction::locking::deferred: break;
    case transaction::locking::immediate: return "BEGIN IMMEDIATE";
    case transaction::locking::exclusive: return "BEGIN EXCLUSIVE";
  }
  return "BEGIN";
}

}  // namespace

// The delays of SQLite's own busy handler, which does not report how long it waited.
int detail::lock_waits::wait(void* self, int times) {
  using std::chrono::milliseconds;
  constexpr std::array<milliseconds, 12> delays{
      milliseconds{1},  milliseconds{2},  milliseconds{5},  milliseconds{10},
      milliseconds{15}, milliseconds{20}, milliseconds{25}, milliseconds{25},
      milliseconds{25}, milliseconds{50}, milliseconds{50}, milliseconds{100}};
  lock_waits& waits = *static_cast<lock_waits*>(self);
  if (times == 0) waits.current_wait = {};
  const auto left = waits.timeout - waits.current_wait;
  if (left <= std::chrono::nanoseconds::zero()) return 0;
  const auto delay = delays[std::min(static_cast<std::size_t>(times), delays.size() - 1)];
  const auto begin = std::chrono::steady_clock::now();
  sqlite3_sleep(static_cast<int>(
      std::min<milliseconds>(delay, std::chrono::ceil<milliseconds>(left)).count()));
  const std::chrono::nanoseconds waited = std::chrono::steady_clock::now() - begin;
  waits.current_wait += waited;
  waits.waited += waited;
  return 1;
}

connection::connection(recorder& telemetry, const std::string& path, connection_options options)
    : handle_{open(telemetry, path, options)},
      waits_{std::make_shared<detail::lock_waits>(detail::lock_waits{options.busy_timeout})},
      backend_{telemetry, backend_options_of(handle_.get(), options)} {
  sqlite3_busy_handler(handle_.get(), &detail::lock_waits::wait, waits_.get());
}

connection::database connection::open(recorder& telemetry, const std::string& path,
                                      const connection_options& options) {
  check_options(path, options);
  const querytap::detail::connect_timer timer{telemetry, database_systems::sqlite.name};
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, options.flags, nullptr);
  database handle{opened};
  if (code != SQLITE_OK) throw detail::error_of(opened, sqlite3_extended_errcode(opened));
  sqlite3_extended_result_codes(opened, 1);
  return handle;
}

statement connection::prepare(std::string_view sql, const code_location& site) {
  const std::string text = terminated(sql, site);
  const char* rest = text.c_str();
  compiled_text first;
  while (!first.handle && *rest != '\0') first = compile_next(rest, site);
  if (!first.handle) {
    refuse(sql, {SQLITE_MISUSE, "sqlite: no statement in the text to prepare"}, site);
  }
  while (*rest != '\0') {
    if (compile_next(rest, site).handle) {
      refuse(sql, {SQLITE_MISUSE, "sqlite: more than one statement to prepare; use exec()"}, site);
    }
  }
  return statement_of(std::move(first));
}

void connection::exec(std::string_view sql, const code_location& site) {
  const std::string text = terminated(sql, site);
  for (const char* rest = text.c_str(); *rest != '\0';) {
    if (compiled_text next = compile_next(rest, site); next.handle) {
      statement_of(std::move(next)).run(site);
    }
  }
}

statement connection::statement_of(compiled_text compiled) const noexcept {
  const querytap::statement& identity =
      detail::compiled_statement(backend_, handle_.get(), compiled.text);
  return {std::move(compiled.handle), identity, compiled.text, waits_,
          backend_.options().describe_parameters};
}

std::string connection::terminated(std::string_view sql, const code_location& site) const {
  const std::size_t nul = sql.find('\0');
  if (nul != std::string_view::npos) {
    refuse(sql, {SQLITE_MISUSE, "sqlite: NUL byte in the SQL text at " + std::to_string(nul)},
           site);
  }
  return std::string{sql};
}

connection::compiled_text connection::compile_next(const char*& sql,
                                                   const code_location& site) const {
  sqlite3_stmt* handle = nullptr;
  const char* rest = sql;
  const int code = sqlite3_prepare_v2(handle_.get(), sql, -1, &handle, &rest);
  // On a syntax error, `rest` is the position up to which SQLite could read.
  const std::string_view text{sql, static_cast<std::size_t>(rest - sql)};
  if (code != SQLITE_OK) refuse(text, detail::error_of(handle_.get(), code), site);
  sql = rest;
  return {statement::compiled{handle}, text};
}

// The statement was not executed: the operation begins and ends here, and its time is next to
// nothing.
void connection::refuse(std::string_view sql, const error& reason,
                        const code_location& site) const {
  operation refused{detail::refused_statement(backend_, handle_.get(), sql), site};
  refused.fail(detail::outcome_of(reason.code()));
  refused.finish();
  throw reason;
}

transaction::transaction(connection& db, locking mode, const code_location& site)
    : db_{db}, site_{site} {
  db_.exec(begin_statement(mode), site);
}

transaction::~transaction() {
  // After some errors, such as a full disk, SQLite has already rolled back.
  if (committed_ || sqlite3_get_autocommit(db_.native()) != 0) return;
  try {
    db_.exec("ROLLBACK", site_);
  } catch (...) {
    // The failure is recorded, and the transaction ends with the connection.
  }
}

void transaction::commit(const code_location& site) {
  db_.exec("COMMIT", site);
  committed_ = true;
}

}  // namespace querytap::sqlite
