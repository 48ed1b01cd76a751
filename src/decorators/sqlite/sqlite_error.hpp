#pragma once

#include <querytap/decorators/sqlite.hpp>

#include <charconv>
#include <iterator>

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

[[nodiscard]] inline error error_of(sqlite3* db, int code) {
  return {code, std::string{"sqlite: "} + sqlite3_errmsg(db) + " (" + std::to_string(code) + ')'};
}

}  // namespace querytap::sqlite::detail
