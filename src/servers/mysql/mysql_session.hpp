#pragma once

#include <querytap/servers/mysql.hpp>

#include <mysql.h>

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace querytap::detail {

/// A refusal of a statement by the server.
class refused_by_mysql final : public plan_error {
 public:
  refused_by_mysql(const std::string& message, unsigned number)
      : plan_error{message}, number_{number} {}

  [[nodiscard]] unsigned number() const noexcept { return number_; }

 private:
  unsigned number_;
};

/// The rows of an answer; NULL is an empty text.
using mysql_rows = std::vector<std::vector<std::string>>;

/// A connection that waits for the server until a deadline at the latest. It connects on first use,
/// and once more in the child of a fork.
///
/// Threads  one at a time.
/// Errors   plan_error; refused_by_mysql with the number, without the server's message. If the server
///          does not answer, the connection is closed, and reconnecting is refused for ten seconds.
class mysql_session {
 public:
  using deadline = server_inspector::deadline;

  explicit mysql_session(mysql_inspector_options options) : options_{std::move(options)} {}
  ~mysql_session();
  mysql_session(const mysql_session&) = delete;
  mysql_session& operator=(const mysql_session&) = delete;

  /// Sends one statement.
  mysql_rows query(std::string_view statement, deadline until);
  /// The text as a literal of the server's, whatever its sql_mode.
  [[nodiscard]] static std::string quoted(std::string_view text);

 private:
  void connect(deadline until);
  void wait_for(int& events, deadline until);
  mysql_rows send(std::string_view statement, deadline until);
  void disconnect() noexcept;
  [[noreturn]] void fail(const char* reason);

  const mysql_inspector_options options_;
  MYSQL* connection_ = nullptr;
  pid_t process_ = 0;
  deadline next_try_ = {};
};

}  // namespace querytap::detail
