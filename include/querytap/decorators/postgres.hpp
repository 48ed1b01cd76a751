#pragma once

#include <querytap/decorators/postgres/connection.hpp>
#include <querytap/decorators/postgres/cursor.hpp>
#include <querytap/decorators/postgres/dbtransaction.hpp>
#include <querytap/decorators/postgres/errorhandler.hpp>
#include <querytap/decorators/postgres/icursor_iterator.hpp>
#include <querytap/decorators/postgres/invocation.hpp>
#include <querytap/decorators/postgres/largeobject.hpp>
#include <querytap/decorators/postgres/largeobject_streams.hpp>
#include <querytap/decorators/postgres/largeobjectaccess.hpp>
#include <querytap/decorators/postgres/nontransaction.hpp>
#include <querytap/decorators/postgres/notification_receiver.hpp>
#include <querytap/decorators/postgres/observe.hpp>
#include <querytap/decorators/postgres/pipeline.hpp>
#include <querytap/decorators/postgres/robusttransaction.hpp>
#include <querytap/decorators/postgres/stateless_cursor.hpp>
#include <querytap/decorators/postgres/stream_from.hpp>
#include <querytap/decorators/postgres/stream_to.hpp>
#include <querytap/decorators/postgres/subtransaction.hpp>
#include <querytap/decorators/postgres/transaction.hpp>
#include <querytap/decorators/postgres/transactor.hpp>

/// libpqxx with every statement timed, BEGIN, COMMIT and ROLLBACK included.
///
///     postgres::connection db{recorder, "dbname=chatbot"};
///     postgres::work tx{db};
///     auto rows = tx.exec_params("select body from documents where id = $1", 7);
///     tx.commit();
///
/// Every name of `pqxx` is one of `querytap::postgres`: classes that talk to the server are the
/// decorator's own, with the same members, and the others are libpqxx' (postgres/README.md lists
/// them). A connection takes the recorder first; nothing else of an application changes. postgres::observe()
/// takes connections and transactions that the application has already.
///
/// Quotes are read by the standard_conforming_strings that the session has at the time of the call.
///
/// Threads  as for libpqxx: one thread at a time per connection and its transactions.
/// Cost     two clock reads and one record per statement.
/// Errors   libpqxx' exceptions pass through untouched. `error.type` is the SQLSTATE, or the
///          exception's name (`broken_connection`) where libpqxx has no SQLSTATE. The connection
///          string is passed to libpqxx and not stored.
/// Lifetime the recorder outlives the connection, the connection its transactions.
/// Source   libpqxx 6.4, and 7.10 and 8.0, with which it is only compiled; OpenTelemetry conventions for PostgreSQL. `db.namespace` is the database
///          connected to: a later SET search_path does not change it.
namespace querytap::postgres {}

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/postgres.hpp>
#endif
