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

/// A refusal of a statement by the server.
class refused_statement final : public plan_error {
 public:
  refused_statement(const std::string& message, std::string state, std::size_t position,
                    std::size_t parameter)
      : plan_error{message}, state_{std::move(state)}, position_{position}, parameter_{parameter} {}

  [[nodiscard]] const std::string& state() const noexcept { return state_; }
  /// The character of the statement that it is about, counted from 1; 0: not known.
  [[nodiscard]] std::size_t position() const noexcept { return position_; }
  /// The number of the parameter that it is about, from 1; 0: not known.
  [[nodiscard]] std::size_t parameter() const noexcept { return parameter_; }

 private:
  std::string state_;
  std::size_t position_;
  std::size_t parameter_;
};

/// A connection that waits for the server until a deadline at the latest. It connects on first use,
/// and once more in the child of a fork.
///
/// Threads  one at a time.
/// Errors   plan_error; refused_statement with the SQLSTATE, without the server's message. If the server does not
///          answer, the connection is closed, and reconnecting is refused for ten seconds.
class postgres_session {
 public:
  using deadline = server_inspector::deadline;

  explicit postgres_session(std::string connection_string)
      : connection_string_{std::move(connection_string)} {}
  ~postgres_session();
  postgres_session(const postgres_session&) = delete;
  postgres_session& operator=(const postgres_session&) = delete;

  /// Sends several commands without results in one message.
  void execute(const char* commands, deadline until);
  /// Sends one statement, whose parameters are texts.
  [[nodiscard]] postgres_result query(const std::string& statement,
                                      std::initializer_list<const char*> parameters,
                                      deadline until);
  /// Returns the number of parameters of the statement.
  int prepare(const char* name, const std::string& statement, deadline until);

 private:
  void connect(deadline until);
  void start_connecting(deadline until);
  void wait_for(short events, deadline until);
  /// Receives all results of the message that was sent last, and returns the last result.
  postgres_result receive(bool sent, deadline until);
  void disconnect() noexcept;
  [[noreturn]] void fail(const char* reason);

  const std::string connection_string_;
  PGconn* connection_ = nullptr;
  pid_t process_ = 0;
  deadline next_try_ = {};
};

}  // namespace querytap::detail
