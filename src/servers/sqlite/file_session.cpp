#include "file_session.hpp"

#include "../../base/numbers.hpp"

#include <fmt/format.h>

#include <sys/stat.h>

#include <ctime>

namespace querytap::detail {
namespace {

struct file_statement_finalizer {
  void operator()(sqlite3_stmt* statement) const noexcept { sqlite3_finalize(statement); }
};
using file_statement = std::unique_ptr<sqlite3_stmt, file_statement_finalizer>;

void throw_unless_done(int code) {
  if (code != SQLITE_OK && code != SQLITE_DONE) throw sqlite_failure{code};
}

bool has_passed(const void* until) {
  return std::chrono::steady_clock::now() > *static_cast<const file_session::deadline*>(until);
}

/// A progress handler: a result other than 0 interrupts the statement.
int interrupt_after(void* until) { return has_passed(until) ? 1 : 0; }

/// A busy handler: with 0 SQLite gives up.
int wait_until(void* until, int /*times*/) {
  if (has_passed(until)) return 0;
  const timespec pause{0, 2'000'000};
  nanosleep(&pause, nullptr);
  return 1;
}

int flags_of(file_session::access wanted) {
  const int mode =
      wanted == file_session::access::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
  return mode | SQLITE_OPEN_NOMUTEX;
}

}  // namespace

bool is_other_than_file(const std::string& path) {
  struct stat found {};
  return stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode);
}

sqlite_failure::sqlite_failure(int code)
    : std::runtime_error{fmt::format("SQLite refuses with result code {}", code)}, code_{code} {}

file_session::file_session(const std::string& path, access wanted, deadline until)
    : deadline_{std::make_unique<deadline>(until)} {
  // SQLite would wait for ever for whoever writes to a pipe, and takes a folder for a disk that fails.
  if (is_other_than_file(path)) throw sqlite_failure{SQLITE_CANTOPEN};
  sqlite3* opened = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &opened, flags_of(wanted), nullptr);
  database_.reset(opened);
  throw_unless_done(code);
  sqlite3_extended_result_codes(opened, 1);
  static constexpr int instructions_between_checks = 1000;
  sqlite3_progress_handler(opened, instructions_between_checks, &interrupt_after, deadline_.get());
  sqlite3_busy_handler(opened, &wait_until, deadline_.get());
}

void file_session::query(const std::string& statement, std::string_view text,
                         const std::function<void(const row&)>& visit) const {
  sqlite3_stmt* made = nullptr;
  throw_unless_done(sqlite3_prepare_v2(database_.get(), statement.c_str(),
                                       static_cast<int>(statement.size() + 1), &made, nullptr));
  const file_statement execution{made};
  if (sqlite3_bind_parameter_count(made) > 0) {
    throw_unless_done(
        sqlite3_bind_text(made, 1, text.data(), static_cast<int>(text.size()), SQLITE_STATIC));
  }
  const row current = [made](int column) -> std::string_view {
    const auto* const bytes = sqlite3_column_text(made, column);
    if (bytes == nullptr) return {};
    return {reinterpret_cast<const char*>(bytes),
            static_cast<std::size_t>(sqlite3_column_bytes(made, column))};
  };
  int code = SQLITE_ROW;
  while ((code = sqlite3_step(made)) == SQLITE_ROW) visit(current);
  throw_unless_done(code);
}

std::string file_session::text_of(const std::string& statement, std::string_view text) const {
  std::string found;
  query(statement, text, [&found](const row& current) { found = current(0); });
  return found;
}

double file_session::number_of(const std::string& statement) const {
  return leading_number<double>(text_of(statement));
}

}  // namespace querytap::detail
