#pragma once

#include <querytap/servers/mysql.hpp>

#include <mysql.h>

#include <sys/types.h>

#include <functional>
#include <map>
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

/// The connection is gone: closed by the server, or by what lies between.
class lost_by_mysql final : public plan_error {
 public:
  using plan_error::plan_error;
};

/// What a session sets once it is connected, and how long it leaves a server alone that did not answer.
struct mysql_session_settings {
  std::string_view of_mariadb = {};
  std::string_view of_mysql = {};
  std::chrono::seconds time_between_connects{};
  bool asks_own_questions = false;  ///< and not for the plans of what the application asks
};

// MySQL lacks the first two settings of MariaDB, and has one of its own.

/// For EXPLAIN: nothing is evaluated that may take long, and nothing waits for locks.
inline constexpr mysql_session_settings settings_for_plans{
    .of_mariadb =
        "set session expensive_subquery_limit = 0, max_statement_time = 0.4, "
        "lock_wait_timeout = 1, innodb_lock_wait_timeout = 1",
    .of_mysql =
        "set session max_execution_time = 400, lock_wait_timeout = 1, "
        "innodb_lock_wait_timeout = 1",
    .time_between_connects = std::chrono::seconds{10}};

/// For probes and collectors, which have an interval of their own.
inline constexpr mysql_session_settings settings_for_looks{
    .of_mariadb =
        "set session max_statement_time = 2, lock_wait_timeout = 1, "
        "innodb_lock_wait_timeout = 1",
    .of_mysql =
        "set session max_execution_time = 2000, lock_wait_timeout = 1, "
        "innodb_lock_wait_timeout = 1",
    .asks_own_questions = true};

/// The rows of an answer; NULL is an empty text.
using mysql_rows = std::vector<std::vector<std::string>>;
/// The same by the names of the columns.
using mysql_records = std::vector<std::map<std::string, std::string, std::less<>>>;

/// A connection that waits for the server until a deadline at the latest. It connects on first use,
/// and once more in the child of a fork.
///
/// Threads  one at a time.
/// Errors   plan_error; refused_by_mysql with the number, without the server's message. If the server
///          does not answer, the connection is closed, and reconnecting is refused for as long as the settings
///          say.
class mysql_session {
 public:
  using deadline = server_inspector::deadline;

  explicit mysql_session(mysql_inspector_options options,
                         const mysql_session_settings& settings = settings_for_plans)
      : options_{std::move(options)}, settings_{settings} {}
  ~mysql_session();
  mysql_session(const mysql_session&) = delete;
  mysql_session& operator=(const mysql_session&) = delete;

  /// Sends one statement.
  mysql_rows query(std::string_view statement, deadline until);
  /// As query(), once more on a new connection where the server has closed the old one meanwhile. For
  /// statements that may be executed twice.
  mysql_rows query_again(std::string_view statement, deadline until);
  /// The rows with the names of their columns.
  mysql_records records(std::string_view statement, deadline until);
  /// Whether it is a MariaDB; of use once a query was answered.
  [[nodiscard]] bool is_mariadb() const noexcept;
  /// The text as a literal of the server's, whatever its sql_mode.
  [[nodiscard]] static std::string quoted(std::string_view text);

 private:
  void connect(deadline until);
  void wait_for(int& events, deadline until);
  mysql_rows send(std::string_view statement, deadline until,
                  std::vector<std::string>* names = nullptr);
  template <class Query>
  auto repeated(Query query);
  void disconnect() noexcept;
  [[noreturn]] void fail(const char* reason);
  [[noreturn]] void lose();

  const mysql_inspector_options options_;
  const mysql_session_settings& settings_;
  MYSQL* connection_ = nullptr;
  pid_t process_ = 0;
  deadline next_try_ = {};
};

}  // namespace querytap::detail
