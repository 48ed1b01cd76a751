#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>

#include <sqlite3.h>

namespace querytap {
class recorder;
}

namespace querytap::sqlite {

namespace detail {
class trace_hooks;
}

struct observation_options {
  /// As in backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  /// Costs a call for each row.
  bool counts_rows = true;
  /// The trace callback that the application has set by sqlite3_trace_v2(): it is called as before, and
  /// alone is left when the observation ends. SQLite has one for each connection, and tells nobody
  /// which: one that is not named here is gone.
  unsigned next_mask = 0;
  int (*next)(unsigned event, void* context, void* first, void* second) = nullptr;
  void* next_context = nullptr;
};

/// Measures a connection that the application, or another library, has opened and calls by itself.
///
///     const auto watched = sqlite::observe(recorder, db);
///
/// By SQLite's trace callback and the recorder's clock. Seen is each execution of a statement, from its
/// first step to the end of its rows, an error or its reset, with its rows, and what SQLite counted for
/// it. Statements of triggers, of virtual tables and of SQL functions are parts of those that run them.
///
/// Not seen, for the callback does not show it: lines of code, values, the time of compiling and of
/// waiting for locks, statements that do not compile, EXPLAIN, statements that run already, blobs and
/// backups; and how an execution ended. One that ended with SQLITE_BUSY is recognised by the statement's
/// state, as `5`. Other errors are counted as successes, unless SQLite's error log is error_log().
/// A word in double quotes is hidden unless the grammar has a name in its place.
///
/// Threads  begun and ended by the thread that uses the connection, or by any if SQLite locks it.
/// Cost     some 150 ns for an execution, and a few for each row.
/// Errors   sqlite::error if the connection is null.
/// Lifetime ends with sqlite3_close(), also where that refuses since statements are left. Whoever sets
///          another trace callback ends it as well. The recorder must outlive it.
class observation {
 public:
  observation(observation&&) noexcept;
  observation& operator=(observation&&) noexcept;
  ~observation();

  /// False once the connection is closed.
  [[nodiscard]] bool is_active() const noexcept;

 private:
  friend observation observe(recorder&, sqlite3*, const observation_options&);
  explicit observation(std::unique_ptr<detail::trace_hooks> hooks) noexcept;

  std::unique_ptr<detail::trace_hooks> hooks_;
};

[[nodiscard]] observation observe(recorder& telemetry, sqlite3* db,
                                  const observation_options& options = {});

/// SQLite's error log, for all connections of the process: observed executions then fail with their
/// codes. To be set before SQLite is first used, or called by the application's own.
///
///     sqlite3_config(SQLITE_CONFIG_LOG, sqlite::error_log, nullptr);
///
void error_log(void* context, int code, const char* message) noexcept;

}  // namespace querytap::sqlite
