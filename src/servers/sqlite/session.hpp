#pragma once

#include <querytap/servers/server_inspector.hpp>

#include <sqlite3.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {

/// A read-only connection to a database file, or an idle connection of the application. A lock of
/// another connection is an error at once.
///
/// Threads  one at a time.
/// Errors   plan_error, with SQLite's result code and without SQLite's message.
class sqlite_session {
 public:
  sqlite_session(const std::string& path, server_inspector::deadline until);

  /// Borrows a connection for as long as the result lives: another thread that uses it waits
  /// meanwhile. Nothing if another thread or a statement uses it now. Only for a connection that
  /// SQLite locks.
  [[nodiscard]] static std::optional<sqlite_session> borrow(sqlite3* connection);

  using row = std::function<std::string_view(int column)>;
  /// Executes one statement. Its first parameter is `text`, all others are NULL.
  void query(const std::string& statement, std::string_view text,
             const std::function<void(const row&)>& visit) const;

  /// The text, as the application has written it, of the statement with this fingerprint, if the
  /// connection has such a statement prepared, and only one.
  [[nodiscard]] std::optional<std::string> prepared_text(std::uint64_t fingerprint) const;

 private:
  struct closer {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
  };
  struct releaser {
    void operator()(sqlite3_mutex* held) const noexcept { sqlite3_mutex_leave(held); }
  };

  sqlite_session() = default;

  std::unique_ptr<server_inspector::deadline> deadline_;  // SQLite has its address
  std::unique_ptr<sqlite3, closer> opened_;
  sqlite3* database_ = nullptr;
  std::unique_ptr<sqlite3_mutex, releaser> held_;
};

}  // namespace querytap::detail
