#pragma once

#include <querytap/servers/server_inspector.hpp>

#include <sqlite3.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace querytap::detail {

/// A read-only connection to a database file, which waits for nobody.
///
/// Threads  one at a time.
/// Errors   plan_error, with SQLite's result code and without its words.
class sqlite_session {
 public:
  sqlite_session(const std::string& path, server_inspector::deadline until);

  using row = std::function<std::string_view(int column)>;
  /// One statement, whose parameters are NULL but for the first, which is `text`.
  void query(const std::string& statement, std::string_view text,
             const std::function<void(const row&)>& visit) const;

 private:
  struct closer {
    void operator()(sqlite3* database) const noexcept { sqlite3_close_v2(database); }
  };

  server_inspector::deadline until_;
  std::unique_ptr<sqlite3, closer> database_;
};

}  // namespace querytap::detail
