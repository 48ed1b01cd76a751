#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/recording/recorder.hpp>

#include <mysql.h>

namespace querytap::mysql {

namespace detail {
class session;
}

/// Handles in the place of MYSQL_RES* and MYSQL_STMT*: ended by mysql_free_result() and
/// mysql_stmt_close().
class result;
class statement;

struct connection_options {
  /// As in backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  bool describe_parameters = false;
};

/// In the place of MYSQL: what mysql_init() makes, to be connected by mysql_real_connect().
///
///     mysql::connection db{recorder};
///     if (mysql_real_connect(&db, host, user, password, "chatbot", 0, nullptr, 0) == nullptr) …
///
/// Threads  one at a time.
/// Errors   std::bad_alloc; configuration_error for options that cannot be used.
/// Lifetime closes when destroyed, unless the handle is the application's own.
class connection {
 public:
  explicit connection(recorder& telemetry, const connection_options& options = {});
  /// Times calls on a handle that the application owns and closes, connected or not.
  connection(recorder& telemetry, MYSQL* handle, const connection_options& options = {});
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection();

  /// Null once closed.
  [[nodiscard]] MYSQL* native() const noexcept { return native_; }

 private:
  friend class detail::session;

  MYSQL* native_;
  const bool is_own_;
  bool is_on_heap_ = false;
  const std::unique_ptr<detail::session> session_;
};

/// A connection that times the calls on a handle that the application keeps, and closes after it.
[[nodiscard]] inline connection observe(recorder& telemetry, MYSQL* handle,
                                        const connection_options& options = {}) {
  return connection{telemetry, handle, options};
}

[[nodiscard]] MYSQL_RES* native(const result* result) noexcept;
[[nodiscard]] MYSQL_STMT* native(const statement* statement) noexcept;

}  // namespace querytap::mysql
