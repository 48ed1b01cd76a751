#include "session.hpp"

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
    : deadline_{until} {
  sqlite3* opened = nullptr;
  const int code =
      sqlite3_open_v2(path.c_str(), &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
  database_.reset(opened);
  throw_on_failure(code);
  static constexpr int instructions_between_checks = 1000;
  sqlite3_progress_handler(opened, instructions_between_checks, &is_past_deadline, &deadline_);
}

void sqlite_session::query(const std::string& statement, std::string_view text,
                           const std::function<void(const row&)>& visit) const {
  const session_statement execution = session_compile(database_.get(), statement);
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
