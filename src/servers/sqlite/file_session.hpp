#pragma once

#include <sqlite3.h>

#include <chrono>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>

namespace querytap::detail {

/// What SQLite refuses, by its result code.
class sqlite_failure : public std::runtime_error {
 public:
  explicit sqlite_failure(int code);

  [[nodiscard]] int code() const noexcept { return code_; }
  /// Without what makes it more precise.
  [[nodiscard]] int primary() const noexcept { return code_ & 0xFF; }

 private:
  int code_;
};

/// True if there is something that is no regular file.
[[nodiscard]] bool is_other_than_file(const std::string& path);

/// A connection to a database file that is opened for a few statements, and waits for locks until its
/// deadline. Never open a database file by other means than SQLite: closing it would drop the locks that the
/// application's own connections have.
///
/// Threads  one at a time.
/// Errors   sqlite_failure, without SQLite's message.
class file_session {
 public:
  using deadline = std::chrono::steady_clock::time_point;
  enum class access { read, write };

  file_session(const std::string& path, access wanted, deadline until);
  file_session(const file_session&) = delete;
  file_session& operator=(const file_session&) = delete;

  using row = std::function<std::string_view(int column)>;
  /// Executes one statement. Its first parameter is `text`.
  void query(
      const std::string& statement, std::string_view text = {},
      const std::function<void(const row&)>& visit = [](const row&) {}) const;
  [[nodiscard]] std::string text_of(const std::string& statement, std::string_view text = {}) const;
  [[nodiscard]] double number_of(const std::string& statement) const;

  [[nodiscard]] sqlite3* native() const noexcept { return database_.get(); }

 private:
  struct closer {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
  };

  std::unique_ptr<deadline> deadline_;  // SQLite has its address
  std::unique_ptr<sqlite3, closer> database_;
};

}  // namespace querytap::detail
