#pragma once

#include <querytap/servers/server_inspector.hpp>

#include <libpq-fe.h>

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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

/// Why there is no connection to a server.
enum class unreachable_reason : std::uint8_t {
  no_answer,       ///< until the deadline
  nothing_there,   ///< the host refuses the connection, or there is no such socket
  refused,         ///< by the server itself: see state()
  lost,            ///< it was there
  asked_too_soon,  ///< after one of the others
  other,           ///< such as a host that has no address
};

class unreachable_server final : public plan_error {
 public:
  unreachable_server(unreachable_reason reason, const std::string& message, std::string state = {})
      : plan_error{message}, reason_{reason}, state_{std::move(state)} {}

  [[nodiscard]] unreachable_reason reason() const noexcept { return reason_; }
  /// The SQLSTATE with which the server refused the connection; empty: it did not.
  [[nodiscard]] const std::string& state() const noexcept { return state_; }

 private:
  unreachable_reason reason_;
  std::string state_;
};

/// Begins a transaction that reads for two seconds at most, and waits for no lock.
inline constexpr std::string_view read_only_transaction =
    "begin read only; set local search_path = pg_catalog; set local statement_timeout = '2s'; "
    "set local lock_timeout = '200ms'; set local jit = off";

/// The results of several statements, up to the one that was refused.
struct postgres_results {
  std::vector<postgres_result> results = {};
  std::optional<refused_statement> refused = {};
};

struct postgres_session_options {
  std::string database = {};  ///< in place of the connection string's
  /// How long a server that did not answer is left alone.
  std::chrono::seconds retry_delay{10};
};

/// A connection that waits for the server until a deadline at the latest. It connects on first use,
/// and once more in the child of a fork.
///
/// Threads  one at a time.
/// Errors   unreachable_server; refused_statement with the SQLSTATE, without the server's message. If the server
///          does not answer, the connection is closed, and reconnecting is refused for the retry delay.
class postgres_session {
 public:
  using deadline = server_inspector::deadline;

  explicit postgres_session(std::string connection_string, postgres_session_options options = {})
      : connection_string_{std::move(connection_string)}, options_{std::move(options)} {}
  ~postgres_session();
  postgres_session(const postgres_session&) = delete;
  postgres_session& operator=(const postgres_session&) = delete;

  /// Connects where there is no connection.
  void connect(deadline until);
  /// Sends several commands without results in one message.
  void execute(const char* commands, deadline until);
  /// Sends one statement, whose parameters are texts.
  [[nodiscard]] postgres_result query(const std::string& statement,
                                      std::initializer_list<const char*> parameters,
                                      deadline until);
  /// Sends several statements in one message, as one transaction with these settings, such as
  /// `set local statement_timeout = '2s'`: of the session itself nothing is changed, since a pooler may lend it to
  /// others afterwards. Returns the results that have rows, up to the first statement that the server refuses.
  [[nodiscard]] postgres_results query_all(std::string_view begin_and_settings,
                                           std::string_view statements, deadline until);
  /// As query_all(), for statements without parameters that are asked again and again. Where nothing stands between
  /// this connection and its process in the server, that keeps them prepared, and plans each once; a pooler would lend
  /// them to others, and gets them as they are.
  [[nodiscard]] postgres_results query_repeated(std::string_view begin_and_settings,
                                                std::span<const std::string_view> statements,
                                                deadline until);
  /// Whether the server's process is that of this connection alone, for as long as the connection lasts: it has the
  /// number that the connection was told. A pooler tells a number of its own. One round trip for each connection.
  [[nodiscard]] bool has_process_of_its_own(deadline until);
  /// Returns the number of parameters of the statement.
  int prepare(const char* name, const std::string& statement, deadline until);

  /// As PQhost() and PQport() have them; empty without a connection.
  [[nodiscard]] std::string host() const;
  [[nodiscard]] std::string port() const;
  /// As PQserverVersion() has it, such as 150018; 0 without a connection.
  [[nodiscard]] int server_version() const noexcept;

 private:
  void start_connecting(deadline until);
  void wait_for(short events, deadline until);
  /// Receives all results of the message that was sent last.
  postgres_results receive_all(bool sent, deadline until);
  /// Returns the last of them.
  postgres_result receive(bool sent, deadline until);
  void disconnect() noexcept;
  [[noreturn]] void fail(unreachable_reason reason, const char* message);
  [[noreturn]] void fail_to_connect();

  const std::string connection_string_;
  const postgres_session_options options_;
  PGconn* connection_ = nullptr;
  std::optional<bool> has_own_process_ = {};  // of this connection, once it is known
  std::map<std::string, std::string, std::less<>> prepared_;  // names by text; empty: not prepared
  std::size_t last_name_ = 0;
  pid_t process_ = 0;
  deadline next_try_ = {};
};

/// The results of statements in a read_only_transaction, one for each. Throws refused_statement.
[[nodiscard]] std::vector<postgres_result> rows_of(postgres_session& session,
                                                   std::string_view statements,
                                                   postgres_session::deadline until);

}  // namespace querytap::detail
