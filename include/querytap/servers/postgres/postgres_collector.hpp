#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/servers/collector.hpp>

#include <cstdint>
#include <string>

namespace querytap {

class clock;

struct postgres_collector_options {
  std::string connection_string = {};
  /// The server's address and port as the application's calls have them; empty and 0: as in the connection string.
  std::string server_address = {};
  std::uint16_t server_port = 0;

  std::chrono::seconds interval{15};  ///< of sessions, locks, counters, replication
  std::chrono::seconds statement_interval{60};
  std::chrono::seconds object_interval{
      300};  ///< of settings and sizes, and of each database's tables and indexes

  std::uint32_t databases = 16;  ///< by name; all others are one. Their tables are asked for too
  std::uint32_t tables = 50;     ///< of each database by name: the largest and the most used
  std::uint32_t indexes = 50;
  std::uint32_t statements = 1000;  ///< those that took longest

  const clock* time = nullptr;  ///< null: the clock of the process. Must outlive the collector
};

/// A PostgreSQL server's own view, from version 12 on: sessions, databases, locks, replication, checkpoints, the
/// write-ahead log, settings, tables, indexes and statements.
///
///     auto db = std::make_shared<postgres_collector>(
///         postgres_collector_options{.connection_string = "host=db dbname=chat user=watcher"});
///
/// The user should be a member of pg_monitor. Without it the sessions and statements of other users, positions of
/// standbys and files of the log are lacking, each with its reason. The tables of a database are seen by whoever
/// may connect to it; an estimate of bloat needs the right to read them (pg_read_all_data).
///
/// Statements are those of pg_stat_statements, which must be an extension of the database of the connection. They have the
/// identity that the application's calls of them have: see query/identify.hpp. What pg_stat_kcache and
/// pg_wait_sampling have is collected where they are installed there too.
///
/// Units    names and labels of the OpenTelemetry Collector's receiver for PostgreSQL; durations in seconds.
/// Errors   configuration_error for a connection string that libpq cannot read or a host that is none; collect_error if the server does not
///          answer. A part that the server refuses is lacking.
/// Cost     one connection named `querytap`, and for a moment one more to each database in turn. One round trip for everything
///          that is frequent, some 10 ms on the server, which keeps it prepared: not where a pooler stands between, that
///          could lend it to others. No part is asked again before 200 times its own duration has
///          passed. Looking up the host's name may take longer than the deadline.
/// Source   postgresql.org/docs/15/monitoring-stats.html, pgstatstatements.html
class postgres_collector final : public collector {
 public:
  explicit postgres_collector(const postgres_collector_options& options);
  ~postgres_collector() override;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::chrono::nanoseconds interval() const override;
  [[nodiscard]] attributes calls_to_join() const override;

  void collect(collected& found, deadline until) override;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/postgres_server.hpp>
#endif
