#include "session.hpp"

#include <querytap/query/identify.hpp>

#include <fmt/format.h>

namespace querytap::detail {
namespace {

struct session_finalizer {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using session_statement = std::unique_ptr<sqlite3_stmt, session_finalizer>;

void throw_on_failure(int code) {
  if (code == SQLITE_OK || code == SQLITE_DONE) return;
  throw plan_error{fmt::format("SQLite refuses with result code {}", code)};
}

/// A progress handler: a result other than 0 interrupts the statement.
int is_past_deadline(void* until) {
  const auto last = *static_cast<const server_inspector::deadline*>(until);
  return std::chrono::steady_clock::now() > last ? 1 : 0;
}

session_statement session_compile(sqlite3* database, const std::string& statement) {
  sqlite3_stmt* made = nullptr;
  const char* rest = nullptr;
  const int code = sqlite3_prepare_v2(database, statement.c_str(),
                                      static_cast<int>(statement.size() + 1), &made, &rest);
  session_statement owner{made};
  throw_on_failure(code);
  if (made == nullptr || std::string_view{rest}.find_first_not_of(" \n;") != std::string::npos) {
    throw plan_error{"it is not one statement"};
  }
  return owner;
}

}  // namespace

sqlite_session::sqlite_session(const std::string& path, server_inspector::deadline until)
    : deadline_{std::make_unique<server_inspector::deadline>(until)} {
  const int code = sqlite3_open_v2(path.c_str(), &database_,
                                   SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  opened_.reset(database_);
  throw_on_failure(code);
  static constexpr int instructions_between_checks = 1000;
  sqlite3_progress_handler(database_, instructions_between_checks, &is_past_deadline,
                           deadline_.get());
}

std::optional<sqlite_session> sqlite_session::borrow(sqlite3* connection) {
  sqlite3_mutex* const lock = sqlite3_db_mutex(connection);
  if (sqlite3_mutex_try(lock) != SQLITE_OK) return std::nullopt;
  sqlite_session borrowed;
  borrowed.held_.reset(lock);
  borrowed.database_ = connection;
  // After a failure the application may be about to ask for its message.
  const int last = sqlite3_errcode(connection) & 0xFF;
  if (last != SQLITE_OK && last != SQLITE_ROW && last != SQLITE_DONE) return std::nullopt;
  for (sqlite3_stmt* known = sqlite3_next_stmt(connection, nullptr); known != nullptr;
       known = sqlite3_next_stmt(connection, known)) {
    if (sqlite3_stmt_busy(known) != 0) return std::nullopt;
  }
  return borrowed;
}

std::optional<std::string> sqlite_session::prepared_text(std::uint64_t fingerprint) const {
  std::optional<std::string> found;
  for (sqlite3_stmt* known = sqlite3_next_stmt(database_, nullptr); known != nullptr;
       known = sqlite3_next_stmt(database_, known)) {
    const char* const text = sqlite3_sql(known);
    if (text == nullptr || (found && *found == text)) continue;
    const bool is_meant =
        identify(text, dialect::sqlite).fingerprint == fingerprint ||
        identify(text, dialect::sqlite, {.double_quoted_names = true}).fingerprint == fingerprint;
    if (!is_meant) continue;
    if (found) return std::nullopt;
    found = text;
  }
  return found;
}

void sqlite_session::query(const std::string& statement, std::string_view text,
                           const std::function<void(const row&)>& visit) const {
  const session_statement execution = session_compile(database_, statement);
  if (!text.empty()) {
    throw_on_failure(sqlite3_bind_text(execution.get(), 1, text.data(),
                                       static_cast<int>(text.size()), SQLITE_STATIC));
  }
  const row current = [&](int column) -> std::string_view {
    const auto* const bytes = sqlite3_column_text(execution.get(), column);
    if (bytes == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(execution.get(), column))};
  };
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(execution.get())) == SQLITE_ROW) visit(current);
  throw_on_failure(code);
}

}  // namespace querytap::detail
