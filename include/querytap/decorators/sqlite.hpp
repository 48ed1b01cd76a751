#pragma once

#include <querytap/decorators/sqlite/backup.hpp>
#include <querytap/decorators/sqlite/blob.hpp>
#include <querytap/decorators/sqlite/bound_values.hpp>
#include <querytap/decorators/sqlite/c_api.hpp>
#include <querytap/decorators/sqlite/cached_statement.hpp>
#include <querytap/decorators/sqlite/connection.hpp>
#include <querytap/decorators/sqlite/connection_options.hpp>
#include <querytap/decorators/sqlite/error.hpp>
#include <querytap/decorators/sqlite/observation.hpp>
#include <querytap/decorators/sqlite/rows.hpp>
#include <querytap/decorators/sqlite/savepoint.hpp>
#include <querytap/decorators/sqlite/statement.hpp>
#include <querytap/decorators/sqlite/statement_counters.hpp>
#include <querytap/decorators/sqlite/transaction.hpp>

/// SQLite's C API as objects, with every execution timed.
///
///     sqlite::connection db{recorder, "documents.db"};
///     auto search = db.prepare("select body from documents where id = ?");
///     for (search.bind(7); search.step();) show(search.column<std::string_view>(0));
///
/// Code that is written against SQLite's functions stays as it is, with other types: see
/// sqlite/c_api.hpp. A connection that another library owns is measured by observe(), see
/// sqlite/observation.hpp.
///
/// Time spent waiting for another connection's lock is the phase `lock_wait`, and that of compiling
/// the phase `compile`: a call of its own only where it fails, or waits for a lock in exec(), whose
/// call it then is a part of. The report of a slow or failed call names the line of its step(),
/// run() or exec().
///
/// Waits are measured by a busy handler of the decorator's, with the timeout of the options. A
/// timeout that the application sets otherwise, by `PRAGMA busy_timeout` or by sqlite3_busy_timeout()
/// on native(), is taken over: found by asking SQLite after the PRAGMA, from time to time after
/// native(), and after a slow or failed call. set_busy_timeout() needs no search. With a busy
/// handler of the application's own that set_busy_handler() does not know of, a call that ends with
/// SQLITE_BUSY counts as `lock_wait`, and others as `execute`. While the decorator's handler is in
/// place, `PRAGMA busy_timeout` reads 0.
///
/// What SQLite counts for each statement (steps of full scans, sorts, automatic indexes …) is added to
/// the metrics `querytap.sqlite.*` every 256 executions, at the end of a statement, and with the report
/// of a slow or failed call, which shows the mean of the executions since.
///
/// A word in double quotes is a value of a statement where SQLite may take it for a string: it is
/// shown only where the grammar has a name, where it is a column of one of the statement's tables,
/// or where the connection has no strings in double quotes (SQLITE_DBCONFIG_DQS_DML and _DDL off).
///
/// Threads  one thread at a time per connection and its statements; any thread may give native() to
///          sqlite3_interrupt(). So the connection is opened without SQLite's own lock, which costs a
///          tenth of a short query (SQLITE_OPEN_NOMUTEX), unless it is shared_between_threads.
/// Cost     two clock reads and one record per execution, whatever the number of rows, and per text
///          that is compiled.
/// Errors   `sqlite::error` with SQLite's message and extended result code, which is also the
///          recorded `error.type`. Values that do not fit are std::invalid_argument and
///          std::out_of_range, thrown before SQLite is called.
/// Lifetime the recorder outlives the connection, the connection its statements and transactions.
/// Source   sqlite.org/c3ref; OpenTelemetry conventions for generic SQL systems.
namespace querytap::sqlite {}

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/sqlite.hpp>
#endif
