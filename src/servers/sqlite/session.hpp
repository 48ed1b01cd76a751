#pragma once

#include <querytap/servers/server_inspector.hpp>

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace querytap::detail {

/// A read-only connection to a database file. A lock of another connection is an error at once.
///
/// Threads  one at a time.
/// Errors   plan_error, with SQLite's result code and without SQLite's message.
class sqlite_session {
 public:
  sqlite_session(const std::string& path, server_inspector::deadline until);

  using row = std::function<std::string_view(int column)>;
  /// Executes one statement. Its first parameter is `text`, all others are NULL.
  void query(const std::string& statement, std::string_view text,
             const std::function<void(const row&)>& visit) const;

 private:
  struct closer {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
  };

  server_inspector::deadline deadline_;
  std::unique_ptr<sqlite3, closer> database_;
};

}  // namespace querytap::detail
