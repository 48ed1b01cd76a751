#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/collector.hpp>
#include <querytap/servers/mysql/mysql_address.hpp>

#include <cstddef>

namespace querytap {

struct mysql_collector_options {
  mysql_address server = {};
  std::chrono::nanoseconds interval = std::chrono::seconds{15};
  std::size_t most_statements = 200;  ///< those that took longest
  std::size_t most_digests = 10'000;  ///< that are read; see performance_schema_digests_size
};

/// What a MariaDB or MySQL server says of itself: threads, commands, InnoDB, temporary tables, locks,
/// replication, and with performance_schema what each statement costs.
///
///     mysql_collector orders{{.server = {.host = "db", .user = "watcher"}}};
///     collected found;
///     orders.collect(found, std::chrono::steady_clock::now() + 5s);
///
/// Statements are the server's digests, changed back to what the application wrote as far as that can be
/// known: digests that differ only in how a name is quoted, or in how many values a list has, become one
/// statement. What a digest does not tell is guessed: how many values an INSERT without columns has, or the place of
/// the column in `order by 2`. How many were guessed or are cut off is among what is unavailable. The server has no
/// digests for statements that were prepared by its own protocol.
///
/// The user needs SELECT on performance_schema, PROCESS for transactions of others, and in MariaDB SLAVE MONITOR,
/// in MySQL REPLICATION CLIENT. What is missing without them is named as unavailable.
///
/// Units    as the OpenTelemetry Collector's receiver for MySQL has them.
/// Threads  as collector.
/// Cost     one connection that stays open; SHOW GLOBAL STATUS, some 1 ms of the server, and three short statements.
///          Digests are read no sooner than after 200 times what that took: at most 0.5 % of the server's time.
///          Looking up the host's name may take longer than the deadline.
/// Errors   configuration_error without a user; collect_error: the server did not answer in time, refuses, or
///          cannot be reached.
/// Source   mariadb.com/kb/en/server-status-variables; names of the Collector's mysqlreceiver. Run on MariaDB 10.11,
///          not on MySQL.
class mysql_collector final : public collector {
 public:
  explicit mysql_collector(const mysql_collector_options& options);
  ~mysql_collector() override;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::chrono::nanoseconds interval() const override;
  [[nodiscard]] attributes calls_to_join() const override;
  void collect(collected& found, deadline until) override;

 private:
  class state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/mysql_server.hpp>
#endif
