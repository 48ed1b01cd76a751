#pragma once

#include <querytap/servers/server_inspector.hpp>

#include <libpq-fe.h>

#include <sys/types.h>

#include <initializer_list>
#include <memory>
#include <string>

namespace querytap::detail {

struct postgres_result_deleter {
  void operator()(PGresult* result) const noexcept { PQclear(result); }
};
using postgres_result = std::unique_ptr<PGresult, postgres_result_deleter>;

/// A connection that waits for the server until a deadline and no longer. It is made when it is first
/// needed, and once more in the child of a fork.
///
/// Threads  one at a time.
/// Errors   plan_error, with the SQLSTATE and without the server's words. Without an answer the
///          connection is given up, and for ten seconds no other is tried.
class postgres_session {
 public:
  using deadline = server_inspector::deadline;

  explicit postgres_session(std::string connection_string)
      : connection_string_{std::move(connection_string)} {}
  ~postgres_session();
  postgres_session(const postgres_session&) = delete;
  postgres_session& operator=(const postgres_session&) = delete;

  /// Several commands without results, as one message.
  void execute(const char* commands, deadline until);
  /// One statement, whose parameters are texts.
  [[nodiscard]] postgres_result query(const std::string& statement,
                                      std::initializer_list<const char*> parameters,
                                      deadline until);
  /// Returns how many parameters it has.
  int prepare(const char* name, const std::string& statement, deadline until);

 private:
  void connect(deadline until);
  void start_connecting(deadline until);
  void wait_for(short events, deadline until);
  /// What was sent last is answered; the last of its results.
  postgres_result answer(bool sent, deadline until);
  void give_up() noexcept;
  [[noreturn]] void fail(const char* why);

  const std::string connection_string_;
  PGconn* connection_ = nullptr;
  pid_t process_ = 0;
  deadline next_try_ = {};
};

}  // namespace querytap::detail
