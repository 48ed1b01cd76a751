#pragma once

#include <querytap/base/duration.hpp>

#include <sqlite3.h>

#include <cstddef>
#include <string>

namespace querytap::sqlite {

struct connection_options {
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  std::chrono::milliseconds busy_timeout{5000};  ///< how long to wait for another connection's lock
  /// Threads use the connection at once, or a sqlite_inspector does: SQLite locks it for each of its
  /// calls, as it does for connections of sqlite3_open(). A statement, and a transaction, is still of
  /// one thread at a time. SQLITE_OPEN_FULLMUTEX among the flags says the same.
  bool shared_between_threads = false;
  /// As in backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  bool describe_parameters = false;
  /// So many statements at most wait in the connection to be lent by cached(). 0: none.
  std::size_t cached_statements = 32;
  std::string vfs = {};  ///< by name; empty: SQLite's default
};

}  // namespace querytap::sqlite
