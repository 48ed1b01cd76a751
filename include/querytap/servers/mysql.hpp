#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/servers/server_inspector.hpp>

#include <cstdint>
#include <string>

namespace querytap {

struct mysql_inspector_options {
  std::string host = {};  ///< empty: the socket of this machine
  std::uint16_t port = 0;
  std::string unix_socket = {};
  std::string user = {};
  std::string password = {};
  std::string database = {};  ///< empty: every database of the server, by the name in the report
  std::string tls_authority = {};  ///< a file of certificates; not empty: TLS, and no other way
};

/// Plans and waits of a MariaDB database, from version 10.3 on, and plans of MySQL 8.
///
///     auto plans = std::make_shared<mysql_inspector>(
///         mysql_inspector_options{.host = "db", .user = "watcher", .database = "chat"});
///     query_watch watch{recorder, {.plans = {plans}}};
///
/// The user needs the right to read the application's tables, and PROCESS to see what sessions of
/// other users wait for. performance_schema is not needed.
///
/// The statement is explained without its literals, which do not leave the process a second time:
/// `EXPLAIN FORMAT=JSON` with time limits, in a transaction that is rolled back, with a value of no meaning in
/// the place of each. Where that value refuses all rows while the server is still planning, it is
/// hidden in a subquery that the server does not evaluate for a plan. A call that still runs has the
/// plan for its own literals: its text is the one in the server's list of processes.
///
/// What a call waits for is the lock of InnoDB that its transaction has requested, with the session
/// that holds it, or what the list of processes says.
///
/// Errors   configuration_error without a user, and for a file that libmariadb cannot read;
///          plan_error with the server's number for a statement that it refuses. A server that did
///          not answer is not contacted again for ten seconds.
/// Cost     one connection, made on first use; about ten round trips for a plan. Looking up the
///          host's name may take longer than the deadline.
/// Source   mariadb.com/kb/en/explain-format-json, information-schema-innodb_lock_waits-table
class mysql_inspector final : public server_inspector {
 public:
  explicit mysql_inspector(const mysql_inspector_options& options);
  ~mysql_inspector() override;

  [[nodiscard]] bool serves(const call_report& call) const override;
  [[nodiscard]] explained_statement explain(const call_report& call, deadline until) override;
  [[nodiscard]] server_wait wait_of(const call_report& call, deadline until) override;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/mysql_server.hpp>
#endif
