#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>
#include <querytap/servers/mysql/mysql_address.hpp>

#include <cstdint>

namespace querytap {

enum class mysql_role : std::uint8_t { any, primary, replica };

struct mysql_probe_options {
  mysql_address server = {};
  mysql_role role = mysql_role::any;  ///< a primary takes writes, a replica replicates
  std::chrono::seconds most_lag{
      10};  ///< of a replica: more is a warning, six times as much a failure
  std::chrono::seconds most_transaction_time{60};  ///< a warning, ten times as much a failure
};

/// How a MariaDB or MySQL server is: whether it takes writes, connections, replication, long transactions and
/// lock waits.
///
///     mysql_probe orders{{.server = {.host = "db", .user = "watcher"}, .role = mysql_role::primary}};
///     const health_answer answer = orders.look(std::chrono::steady_clock::now() + 1s);
///
/// It fails when a server that is needed as a primary is read-only, when replication has stopped or is late, when
/// connections are nearly used up or were refused since the last look.
///
/// The user needs the rights PROCESS, for transactions, and in MariaDB SLAVE MONITOR, in MySQL REPLICATION
/// CLIENT. What a right is missing for is not judged; of a server that is needed as a replica that is a warning.
///
/// Threads  as health_probe.
/// Cost     one connection that stays open, and four short statements. Looking up the host's name may take
///          longer than the deadline.
/// Errors   configuration_error without a user; probe_error: the server did not answer in time, refuses, or
///          cannot be reached.
/// Source   mariadb.com/kb/en/server-status-variables, show-replica-status; run on MariaDB 10.11, not on MySQL.
class mysql_probe final : public health_probe {
 public:
  explicit mysql_probe(const mysql_probe_options& options);
  ~mysql_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  class state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/mysql_server.hpp>
#endif
