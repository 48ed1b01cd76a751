#pragma once

#include <querytap/decorators/postgres/connection_base.hpp>
#include <querytap/decorators/postgres/dbtransaction.hpp>

#include <optional>

namespace querytap::postgres {

/// A connection that the application has, and owns; made by observe().
class observed_connection : public connection_base {
 public:
  observed_connection(recorder& telemetry, detail::native_connection& native,
                      const connection_options& options = {})
      : connection_base{telemetry, native, options} {}
};

/// A transaction that the application has, and owns; made by observe(). It is not ended by this.
class observed_transaction : public transaction_base {
 public:
  observed_transaction(connection_base& db, pqxx::transaction_base& native, code_location site);
};

/// The same for a transaction with subtransactions and large objects.
class observed_dbtransaction : public dbtransaction {
 public:
  observed_dbtransaction(connection_base& db, pqxx::dbtransaction& native, code_location site);
};

/// Measures what an application has already, without a change to who makes it:
///
///     auto db = postgres::observe(recorder, plain);        // beside the pqxx::connection
///     auto tx = postgres::observe(db, plain_transaction);  // first in a function with a pqxx::work&
///     tx.exec("select 1");                                 // and on as before
///
/// A commit() or abort() that is called on the plain transaction is not recorded; the statements that
/// are prepared through the plain connection are known by name only.
///
/// Threads  as the connection.
/// Cost     of a connection some microseconds, and no question to the server.
/// Lifetime the application's objects outlive what is returned.
[[nodiscard]] inline observed_connection observe(recorder& telemetry,
                                                 detail::native_connection& native,
                                                 const connection_options& options = {}) {
  return {telemetry, native, options};
}
[[nodiscard]] inline observed_transaction observe(connection_base& db,
                                                  pqxx::transaction_base& native,
                                                  code_location site = code_location::current()) {
  return {db, native, site};
}
[[nodiscard]] inline observed_dbtransaction observe(connection_base& db,
                                                    pqxx::dbtransaction& native,
                                                    code_location site = code_location::current()) {
  return {db, native, site};
}

}  // namespace querytap::postgres
