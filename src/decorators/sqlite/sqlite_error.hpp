#pragma once

#include <querytap/base/outcome.hpp>
#include <querytap/decorators/sqlite/error.hpp>

#include <sqlite3.h>

#include <charconv>
#include <iterator>
#include <string>
#include <string_view>

namespace querytap::sqlite::detail {

[[nodiscard]] inline bool is_busy(int code) noexcept { return (code & 0xFF) == SQLITE_BUSY; }

[[nodiscard]] inline failure_kind kind_of_result(int code) noexcept {
  switch (code & 0xFF) {
    case SQLITE_BUSY: return failure_kind::timeout;  // while waiting for a lock
    case SQLITE_INTERRUPT: return failure_kind::cancelled;
    default: return failure_kind::error;
  }
}

// Only the code is recorded: SQLite's message may quote the statement.
[[nodiscard]] inline outcome outcome_of(int code) noexcept {
  char digits[16];
  const auto end = std::to_chars(std::begin(digits), std::end(digits), code).ptr;
  const std::string_view text{digits, static_cast<std::size_t>(end - digits)};
  return outcome::error(text, text, kind_of_result(code));
}

/// The extended code of the failure that a call of SQLite's has just returned.
[[nodiscard]] inline int extended_code(sqlite3* db, int code) noexcept {
  const int extended = sqlite3_extended_errcode(db);
  return (extended & 0xFF) == (code & 0xFF) ? extended : code;
}

/// Holds a connection that threads share, for several calls of SQLite's that belong together. Nothing
/// where SQLite does not lock the connection.
class held_connection {
 public:
  explicit held_connection(sqlite3* db) noexcept
      : lock_{db == nullptr ? nullptr : sqlite3_db_mutex(db)} {
    sqlite3_mutex_enter(lock_);
  }
  ~held_connection() { sqlite3_mutex_leave(lock_); }
  held_connection(const held_connection&) = delete;
  held_connection& operator=(const held_connection&) = delete;

 private:
  sqlite3_mutex* lock_;
};

/// With the connection's last message, if that is of this code: another thread may have called since.
[[nodiscard]] inline error error_of(sqlite3* db, int code) {
  const held_connection held{db};
  const bool is_last = (sqlite3_errcode(db) & 0xFF) == (code & 0xFF);
  const char* const message = is_last ? sqlite3_errmsg(db) : sqlite3_errstr(code);
  return {code, std::string{"sqlite: "} + message + " (" + std::to_string(code) + ')'};
}

}  // namespace querytap::sqlite::detail
