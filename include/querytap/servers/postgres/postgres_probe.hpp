#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/servers/health_probe.hpp>

#include <cstdint>
#include <string>

namespace querytap {

enum class postgres_role : std::uint8_t { any, primary, standby };

/// From where on a value is a warning, and from where on a failure.
template <class Value>
struct postgres_limit {
  Value warn;
  Value fail;
};

struct postgres_limits {
  postgres_limit<double> connections{0.8, 0.95};      ///< share of those that users may open
  postgres_limit<double> transaction_age{0.4, 0.75};  ///< share of what is left before wraparound
  postgres_limit<std::chrono::nanoseconds> replication_lag{std::chrono::seconds{10},
                                                           std::chrono::minutes{1}};
  postgres_limit<std::int64_t> replication_lag_bytes{256 << 20, 1 << 30};
  postgres_limit<std::chrono::nanoseconds> longest_transaction{std::chrono::minutes{10},
                                                               std::chrono::hours{2}};
  postgres_limit<std::chrono::nanoseconds> idle_in_transaction{std::chrono::minutes{1},
                                                               std::chrono::minutes{10}};
  postgres_limit<std::chrono::nanoseconds> blocked{std::chrono::seconds{5},
                                                   std::chrono::seconds{30}};
  postgres_limit<std::chrono::nanoseconds> prepared_transaction{std::chrono::minutes{5},
                                                                std::chrono::hours{1}};
  postgres_limit<std::int64_t> held_wal{10LL << 30, 50LL << 30};  ///< by a replication slot
};

struct postgres_probe_options {
  std::string connection_string = {};
  postgres_role expected_role = postgres_role::any;
  std::uint32_t expected_standbys = 0;  ///< fewer are a failure of the primary
  bool counts_invalid_indexes = false;  ///< of the database of the connection
  postgres_limits limits = {};
};

/// How a PostgreSQL server is, from version 12 on: whether it answers and what role it has, replication, connections,
/// transactions, locks, slots, checksums.
///
///     postgres_probe db{{.connection_string = "host=db dbname=chat user=watcher",
///                        .expected_role = postgres_role::primary}};
///     db.look(std::chrono::steady_clock::now() + std::chrono::seconds{2}).worst()->reason;
///
/// The user needs pg_monitor, or pg_read_all_stats, to see the sessions of other users and the positions of
/// standbys. What it does not see has no measurement, and `visibility` says so.
///
/// A server that is full (SQLSTATE 53300), or still starting (57P03), is a failure of its own kind: `answers` has
/// the reason. A probe that is connected already goes on seeing a full server.
///
/// A standby that has replayed all that it received has a lag of 0, however long ago the last transaction was;
/// one that receives nothing, since its primary is out of reach, fails.
///
/// A primary is read-only by `default_transaction_read_only` of the server or the database; that of a role or a session
/// is no alarm, and where the probe's own role or session has one, that of the server is not seen.
///
/// Errors   configuration_error for a connection string that libpq cannot read, or a host that is none. Everything else is a measurement
///          that failed.
/// Cost     one connection, which is retained, named `querytap`, with a statement_timeout and a lock_timeout; one round
///          trip for a look, of a few milliseconds on the server. Looking up the host's name may take longer than the deadline.
/// Source   postgresql.org/docs/15/monitoring-stats.html, routine-vacuuming.html.
class postgres_probe final : public health_probe {
 public:
  explicit postgres_probe(const postgres_probe_options& options);
  ~postgres_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/postgres_server.hpp>
#endif
