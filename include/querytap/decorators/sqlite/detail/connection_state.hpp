#pragma once

#include <querytap/calls/backend.hpp>
#include <querytap/calls/transaction.hpp>
#include <querytap/decorators/sqlite/detail/lock_waits.hpp>
#include <querytap/decorators/sqlite/detail/statement_metrics.hpp>

#include <cstdint>

namespace querytap::sqlite::detail {

/// What a connection shares with its statements, which may outlive it.
struct connection_state {
  connection_state(std::uint64_t file, const querytap::backend& known,
                   const statement_metrics& counts) noexcept
      : waits{file}, backend{known}, metrics{counts} {}

  /// After a statement that may have begun or ended a transaction. `failed` calls commit nothing.
  void look_at_transaction(sqlite3* db, const statement_identity& identity, bool failed,
                           code_location site) noexcept;

  lock_waits waits;
  const querytap::backend backend;
  const statement_metrics& metrics;
  querytap::transaction open;  // under SQLite's lock, if the connection has one
};

}  // namespace querytap::sqlite::detail
