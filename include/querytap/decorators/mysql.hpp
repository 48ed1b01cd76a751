#pragma once

#include <querytap/decorators/mysql/calls.hpp>
#include <querytap/decorators/mysql/connection.hpp>
#include <querytap/decorators/mysql/error.hpp>
#include <querytap/decorators/mysql/non_blocking.hpp>
#include <querytap/decorators/mysql/passed_through.hpp>

/// The C API of MariaDB and MySQL with every statement timed.
///
///     mysql::connection db{recorder};                                      // was: MYSQL db;
///     mysql_real_connect(&db, "db", "chat", password, "chatbot", 0, nullptr, 0);
///     mysql_real_query(&db, sql, size);                                    // as ever
///     mysql::result* rows = mysql_store_result(&db);                       // was: MYSQL_RES*
///
/// The functions have the C API's own names, arguments and results, and are found by the types of
/// their handles: where `MYSQL*`, `MYSQL_RES*` and `MYSQL_STMT*` become `mysql::connection*`,
/// `mysql::result*` and `mysql::statement*`, the code between them stays. `mysql_init(nullptr)`
/// becomes `mysql::mysql_init(recorder)`. For a handle that the application keeps there is
/// `mysql::connection db{recorder, handle}`; native() is the way back.
///
/// An operation lasts from the call that sends a statement to the end of its result: to
/// mysql_store_result(), or to the last row of mysql_use_result(), whose time is that of the phases
/// `execute`, `first_byte` and `fetch`. Of several statements in one text each is an operation of
/// its own; the results of one CALL are one. The report names the line that sent the statement.
/// Preparing is the phase `compile`. COMMIT, ROLLBACK, and the commands that are no statements
/// (`CHECK CONNECTION` is a ping, `SET USER` a change of the user, `RESET CONNECTION`), are operations
/// as well.
///
/// Quotes are read by the sql_mode that the server reports with each answer. MySQL does not report
/// ANSI_QUOTES: there, what stands in double quotes is never shown.
///
/// Threads  as for the C API: one thread at a time per connection, its statements, and results that
///          are not stored.
/// Cost     three clock reads and one record per statement, and two reads more and one small allocation
///          for each result with rows.
/// Errors   those of the C API; none of these functions throws. `error.type` is the number of the
///          error; `db.response.status_code` is, too, where it came from the server. mysql::error is
///          for applications that want an exception.
/// Lifetime the recorder outlives the connection. As in the C API, a stored result and a statement
///          may outlive mysql_close().
/// Source   libmariadb 3.3; OpenTelemetry conventions for MariaDB and MySQL. `db.system.name` and
///          `db.namespace` follow the server's version and the current database.
namespace querytap::mysql {}

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/mysql.hpp>
#endif
