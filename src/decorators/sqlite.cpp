#include "connect_timer.hpp"

#include <querytap/base/error.hpp>
#include <querytap/decorators/sqlite.hpp>

#include <charconv>
#include <climits>
#include <filesystem>
#include <iterator>

namespace querytap::sqlite {
namespace {

// The code is the only thing recorded: SQLite's message may quote the statement.
outcome outcome_of(int code) noexcept {
  char digits[16];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), code).ptr;
  const std::string_view text{digits, static_cast<std::size_t>(end - digits)};
  return outcome::error(text, text);
}

error make_error(sqlite3* db, int code) {
  return {code, std::string{"sqlite: "} + sqlite3_errmsg(db) + " (" + std::to_string(code) + ')'};
}

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

statement& statement::operator=(statement&& other) noexcept {
  end_execution();
  handle_ = std::move(other.handle_);
  identity_ = other.identity_;
  if (other.call_) call_.emplace(std::move(*other.call_));
  rows_ = other.rows_;
  return *this;
}

void statement::end_execution() noexcept {
  if (!call_) return;
  // Without columns it returns nothing, which is not the same as no rows.
  if (sqlite3_column_count(handle_.get()) > 0) call_->rows(rows_);
  // Its destructor would take an exception of the application for a failure of the call.
  call_->finish();
  call_.reset();
}

bool statement::end_execution(int code) {
  if (code == SQLITE_DONE) {
    end_execution();
    return false;
  }
  call_->fail(outcome_of(code));
  end_execution();
  const error failure = make_error(sqlite3_db_handle(handle_.get()), code);
  // A failed statement that is not reset keeps its locks.
  sqlite3_reset(handle_.get());
  throw failure;
}

void statement::begin_binding(std::size_t values) {
  reset();
  const int expected = sqlite3_bind_parameter_count(handle_.get());
  if (std::cmp_not_equal(values, expected)) {
    throw std::invalid_argument{"querytap: the statement takes " + std::to_string(expected) +
                                " values, not " + std::to_string(values)};
  }
}

void statement::bind_null(int index) { check_binding(sqlite3_bind_null(handle_.get(), index)); }

void statement::bind_integer(int index, std::int64_t value) {
  check_binding(sqlite3_bind_int64(handle_.get(), index, value));
}

void statement::bind_real(int index, double value) {
  check_binding(sqlite3_bind_double(handle_.get(), index, value));
}

// A null pointer would bind NULL, and that is not what an empty text is.
void statement::bind_text(int index, std::string_view value) {
  const char* const data = value.empty() ? "" : value.data();
  check_binding(
      sqlite3_bind_text64(handle_.get(), index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8));
}

void statement::bind_blob(int index, std::span<const std::byte> value) {
  check_binding(value.empty() ? sqlite3_bind_zeroblob(handle_.get(), index, 0)
                              : sqlite3_bind_blob64(handle_.get(), index, value.data(),
                                                    value.size(), SQLITE_TRANSIENT));
}

void statement::check_binding(int code) const {
  if (code != SQLITE_OK) throw make_error(sqlite3_db_handle(handle_.get()), code);
}

void statement::check_column(int index) const {
  const int columns = sqlite3_data_count(handle_.get());
  if (columns == 0) throw std::out_of_range{"querytap: there is no row to read a column of"};
  if (index < 0 || index >= columns) {
    throw std::out_of_range{"querytap: no column " + std::to_string(index) + " in a row of " +
                            std::to_string(columns)};
  }
}

void statement::refuse_integer(int index) {
  throw std::out_of_range{"querytap: the integer at " + std::to_string(index) + " does not fit"};
}

std::string_view statement::read(int index, std::type_identity<std::string_view>) const {
  const auto* const data = sqlite3_column_text(handle_.get(), index);
  const int size = sqlite3_column_bytes(handle_.get(), index);
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::string statement::read(int index, std::type_identity<std::string>) const {
  return std::string{read(index, std::type_identity<std::string_view>{})};
}

std::span<const std::byte> statement::read(int index,
                                           std::type_identity<std::span<const std::byte>>) const {
  const auto* const data = sqlite3_column_blob(handle_.get(), index);
  const int size = sqlite3_column_bytes(handle_.get(), index);
  return {static_cast<const std::byte*>(data), static_cast<std::size_t>(size)};
}

std::vector<std::byte> statement::read(int index,
                                       std::type_identity<std::vector<std::byte>>) const {
  const auto bytes = read(index, std::type_identity<std::span<const std::byte>>{});
  return {bytes.begin(), bytes.end()};
}

connection::connection(recorder& telemetry, const std::string& path, connection_options options)
    : handle_{open(telemetry, path, options)}, backend_{telemetry, describe(handle_.get())} {}

connection::database connection::open(recorder& telemetry, const std::string& path,
                                      const connection_options& options) {
  check(path, options);
  const querytap::detail::connect_timer timer{telemetry, "sqlite"};
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, options.flags, nullptr);
  database handle{opened};
  if (code != SQLITE_OK) throw make_error(opened, sqlite3_extended_errcode(opened));
  sqlite3_extended_result_codes(opened, 1);
  sqlite3_busy_timeout(opened, static_cast<int>(options.busy_timeout.count()));
  return handle;
}

statement connection::prepare(std::string_view sql) {
  const std::string text = terminated(sql);
  const char* rest = text.c_str();
  std::optional<statement> first;
  while (!first && *rest != '\0') first = compile_next(rest);
  if (!first) refuse(sql, {SQLITE_MISUSE, "sqlite: no statement in the text to prepare"});
  while (*rest != '\0') {
    if (compile_next(rest)) {
      refuse(sql, {SQLITE_MISUSE, "sqlite: more than one statement to prepare; use exec()"});
    }
  }
  return std::move(*first);
}

void connection::exec(std::string_view sql) {
  const std::string text = terminated(sql);
  for (const char* rest = text.c_str(); *rest != '\0';) {
    if (auto next = compile_next(rest)) next->run();
  }
}

std::string connection::terminated(std::string_view sql) const {
  const std::size_t nul = sql.find('\0');
  if (nul != std::string_view::npos) {
    refuse(sql, {SQLITE_MISUSE, "sqlite: NUL byte in the SQL text at " + std::to_string(nul)});
  }
  return std::string{sql};
}

std::optional<statement> connection::compile_next(const char*& sql) const {
  sqlite3_stmt* compiled = nullptr;
  const char* rest = sql;
  const int code = sqlite3_prepare_v2(handle_.get(), sql, -1, &compiled, &rest);
  // On a syntax error, as far as SQLite could follow.
  const std::string_view text{sql, static_cast<std::size_t>(rest - sql)};
  if (code != SQLITE_OK) refuse(text, make_error(handle_.get(), code));
  sql = rest;
  if (compiled == nullptr) return std::nullopt;
  return statement{compiled, backend_.statement_for(text)};
}

// It never ran, so that no time is recorded for it.
void connection::refuse(std::string_view sql, const error& why) const {
  operation refused{backend_.statement_for(sql)};
  refused.fail(outcome_of(why.code()));
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
