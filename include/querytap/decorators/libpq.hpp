#pragma once

#include <querytap/base/code_location.hpp>
#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/calls/sql_comment.hpp>

#include <libpq-fe.h>

#include <cstddef>

namespace querytap {
class recorder;
}

/// libpq with every query timed, synchronous and asynchronous ones, under any event loop.
///
///     libpq::connection db = libpq::PQconnectdb(recorder, "dbname=chatbot");  // was: PGconn* db
///     PGresult* rows = PQexec(db, "select body from documents");              // as before
///
/// A connection converts to the PGconn* that it holds, so that all of libpq takes it. The functions
/// here have libpq's names, arguments and results; argument-dependent lookup prefers them for a
/// connection: whoever changes the type of a variable has changed all calls. A PGconn* that is passed
/// on as such reaches libpq unmeasured.
///
/// An asynchronous call lasts from PQsendQuery() and its kind until PQgetResult() returns what ends
/// it. Its phases are `execute` while it is sent (without blocking: until PQflush() returns 0),
/// `first_byte` until the first result, and `fetch` for rows that come one by one. Each statement of a
/// text with several, and each query of a pipeline, is a call that begins when it is sent: the server
/// sends results late and many at a time, so their times overlap. Queries that a pipeline skips fail
/// with `pipeline_aborted`; whether a pipeline's writes last is known only at its sync, whose failure
/// is a failed COMMIT. PQexec() of several statements is one call, as it has one result.
///
/// Through pgbouncer in transaction mode (before 1.21) a prepared statement is on the server where it
/// was prepared, and the next transaction may be on another: 26000, or 42P05 where its name is taken.
/// SET, LISTEN and temporary tables stay behind with that server, too. PQexecParams() and
/// PQsendQueryParams() need none of it.
///
/// Threads  one at a time per connection; an asynchronous call may end on another than it began on.
/// Cost     two clock reads and one record per synchronous call, one more record for each further
///          phase of an asynchronous one; no allocation besides libpq's once warm.
/// Errors   as libpq: no function here throws but those that connect, for options that cannot be used.
///          `error.type` is the SQLSTATE; without one `broken_connection`, `usage_error` where libpq
///          refused the call, `client_error` for other results of libpq's own; `abandoned`, as
///          cancelled, for a call whose results nobody waited for. No message is stored.
/// Lifetime the recorder outlives the connection. The connection closes what it holds, unless
///          observe() made it.
/// Source   PostgreSQL 15's documentation of libpq, and what libpq 15 does.
namespace querytap::libpq {

struct connection_options {
  /// As in backend_options.
  std::chrono::nanoseconds slow_threshold = std::chrono::milliseconds{100};
  double slow_multiple = 0;
  bool describe_parameters = false;
  /// Behind the text of each query that is not prepared.
  sql_comment comment = {};
};

namespace detail {
class session;
struct access;
}  // namespace detail

/// A PGconn, and what is known of its calls. Without one, as after PQfinish(), it converts to null.
class connection {
 public:
  connection() noexcept;
  connection(std::nullptr_t) noexcept : connection{} {}
  connection(connection&& other) noexcept;
  connection& operator=(connection&& other) noexcept;
  ~connection();

  [[nodiscard]] PGconn* native() const noexcept;
  operator PGconn*() const& noexcept { return native(); }
  /// What a temporary holds is closed at the end of the line.
  operator PGconn*() const&& = delete;

 private:
  friend struct detail::access;
  explicit connection(std::unique_ptr<detail::session> session) noexcept;

  std::unique_ptr<detail::session> session_;
};

/// A connection that the application has, and closes itself: before or after this object. One
/// observer at a time; the newest counts.
[[nodiscard]] connection observe(recorder& telemetry, PGconn* db,
                                 const connection_options& options = {});

[[nodiscard]] connection PQconnectdb(recorder& telemetry, const char* conninfo,
                                     const connection_options& options = {});
[[nodiscard]] connection PQconnectdbParams(recorder& telemetry, const char* const* keywords,
                                           const char* const* values, int expand_dbname,
                                           const connection_options& options = {});
[[nodiscard]] connection PQsetdbLogin(recorder& telemetry, const char* host, const char* port,
                                      const char* backend_arguments, const char* tty,
                                      const char* dbname, const char* login, const char* password,
                                      const connection_options& options = {});
[[nodiscard]] connection PQconnectStart(recorder& telemetry, const char* conninfo,
                                        const connection_options& options = {});
[[nodiscard]] connection PQconnectStartParams(recorder& telemetry, const char* const* keywords,
                                              const char* const* values, int expand_dbname,
                                              const connection_options& options = {});
PostgresPollingStatusType PQconnectPoll(const connection& db) noexcept;
void PQreset(const connection& db) noexcept;
int PQresetStart(const connection& db) noexcept;
PostgresPollingStatusType PQresetPoll(const connection& db) noexcept;
void PQfinish(const connection& db) noexcept;

PGresult* PQexec(const connection& db, const char* query,
                 code_location site = code_location::current()) noexcept;
PGresult* PQexecParams(const connection& db, const char* command, int count, const Oid* types,
                       const char* const* values, const int* lengths, const int* formats,
                       int result_format, code_location site = code_location::current()) noexcept;
/// A call of its own, which counts as `PREPARE x AS …`, whatever the name.
PGresult* PQprepare(const connection& db, const char* name, const char* query, int count,
                    const Oid* types, code_location site = code_location::current()) noexcept;
PGresult* PQexecPrepared(const connection& db, const char* name, int count,
                         const char* const* values, const int* lengths, const int* formats,
                         int result_format, code_location site = code_location::current()) noexcept;
PGresult* PQdescribePrepared(const connection& db, const char* name,
                             code_location site = code_location::current()) noexcept;
PGresult* PQdescribePortal(const connection& db, const char* portal,
                           code_location site = code_location::current()) noexcept;

int PQsendQuery(const connection& db, const char* query,
                code_location site = code_location::current()) noexcept;
int PQsendQueryParams(const connection& db, const char* command, int count, const Oid* types,
                      const char* const* values, const int* lengths, const int* formats,
                      int result_format, code_location site = code_location::current()) noexcept;
int PQsendPrepare(const connection& db, const char* name, const char* query, int count,
                  const Oid* types, code_location site = code_location::current()) noexcept;
int PQsendQueryPrepared(const connection& db, const char* name, int count,
                        const char* const* values, const int* lengths, const int* formats,
                        int result_format, code_location site = code_location::current()) noexcept;
int PQsendDescribePrepared(const connection& db, const char* name,
                           code_location site = code_location::current()) noexcept;
int PQsendDescribePortal(const connection& db, const char* portal,
                         code_location site = code_location::current()) noexcept;
PGresult* PQgetResult(const connection& db) noexcept;
int PQflush(const connection& db) noexcept;
int PQpipelineSync(const connection& db, code_location site = code_location::current()) noexcept;

// Of libpq 17.
#ifdef LIBPQ_HAS_CLOSE_PREPARED
PGresult* PQclosePrepared(const connection& db, const char* name,
                          code_location site = code_location::current()) noexcept;
PGresult* PQclosePortal(const connection& db, const char* portal,
                        code_location site = code_location::current()) noexcept;
int PQsendClosePrepared(const connection& db, const char* name,
                        code_location site = code_location::current()) noexcept;
int PQsendClosePortal(const connection& db, const char* portal,
                      code_location site = code_location::current()) noexcept;
#endif
#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
int PQsendPipelineSync(const connection& db,
                       code_location site = code_location::current()) noexcept;
#endif

}  // namespace querytap::libpq

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/libpq.hpp>
#endif
