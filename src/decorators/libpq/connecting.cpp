#include "../common/connect_timer.hpp"
#include "server_failure.hpp"
#include "session.hpp"

#include <querytap/base/database_system.hpp>

#include <libpq-events.h>

#include <utility>

namespace querytap::libpq {
namespace {

detail::session* observer_of(const PGconn* db) noexcept;

// A connection keeps its event procedures for ever: who observes it is asked for at each event.
extern "C" int querytap_observes_libpq(PGEventId event, void* information, void*) {
  if (event == PGEVT_CONNRESET) {
    const PGconn* const db = static_cast<PGEventConnReset*>(information)->conn;
    if (detail::session* const observer = observer_of(db)) observer->forget_server();
  }
  if (event == PGEVT_CONNDESTROY) {
    const PGconn* const db = static_cast<PGEventConnDestroy*>(information)->conn;
    if (detail::session* const observer = observer_of(db)) observer->is_closed();
  }
  return 1;
}

detail::session* observer_of(const PGconn* db) noexcept {
  return static_cast<detail::session*>(::PQinstanceData(db, &querytap_observes_libpq));
}

template <class Connect>
connection connect_and_wait(recorder& telemetry, const connection_options& options,
                            Connect connect) {
  detail::owned_connection db;
  {
    const querytap::detail::connect_timer timer{telemetry, database_systems::postgresql.name};
    db.reset(connect());
  }
  if (::PQstatus(db.get()) != CONNECTION_OK) {
    querytap::detail::current_request_failed(detail::failure_to_connect(db.get()));
  }
  auto session = std::make_unique<detail::session>(telemetry, db.get(), options);
  detail::begin_observing(db.get(), *session);
  session->own(std::move(db));
  return detail::access::make(std::move(session));
}

connection start_to_connect(recorder& telemetry, const connection_options& options,
                            detail::owned_connection started) {
  auto session = std::make_unique<detail::session>(telemetry, started.get(), options);
  detail::begin_observing(started.get(), *session);
  session->own(std::move(started));
  session->begin_connecting();
  return detail::access::make(std::move(session));
}

PostgresPollingStatusType note_poll(detail::session& session, PostgresPollingStatusType status) {
  const bool is_connected = status == PGRES_POLLING_OK;
  if (is_connected || status == PGRES_POLLING_FAILED) session.end_connecting(is_connected);
  return status;
}

}  // namespace

void detail::begin_observing(PGconn* db, session& observer) noexcept {
  // Refused for a connection that has the procedure already.
  static_cast<void>(::PQregisterEventProc(db, &querytap_observes_libpq, "querytap", nullptr));
  static_cast<void>(::PQsetInstanceData(db, &querytap_observes_libpq, &observer));
}

void detail::end_observing(PGconn* db, const session& observer) noexcept {
  if (db == nullptr || observer_of(db) != &observer) return;
  static_cast<void>(::PQsetInstanceData(db, &querytap_observes_libpq, nullptr));
}

connection::connection() noexcept = default;
connection::connection(connection&& other) noexcept = default;
connection& connection::operator=(connection&& other) noexcept = default;
connection::connection(std::unique_ptr<detail::session> session) noexcept
    : session_{std::move(session)} {}

connection::~connection() = default;

PGconn* connection::native() const noexcept {
  return session_ == nullptr ? nullptr : session_->native();
}

connection observe(recorder& telemetry, PGconn* db, const connection_options& options) {
  auto session = std::make_unique<detail::session>(telemetry, db, options);
  detail::begin_observing(db, *session);
  return detail::access::make(std::move(session));
}

connection PQconnectdb(recorder& telemetry, const char* conninfo,
                       const connection_options& options) {
  return connect_and_wait(telemetry, options, [&] { return ::PQconnectdb(conninfo); });
}

connection PQconnectdbParams(recorder& telemetry, const char* const* keywords,
                             const char* const* values, int expand_dbname,
                             const connection_options& options) {
  return connect_and_wait(telemetry, options,
                          [&] { return ::PQconnectdbParams(keywords, values, expand_dbname); });
}

connection PQsetdbLogin(recorder& telemetry, const char* host, const char* port,
                        const char* backend_arguments, const char* tty, const char* dbname,
                        const char* login, const char* password,
                        const connection_options& options) {
  return connect_and_wait(telemetry, options, [&] {
    return ::PQsetdbLogin(host, port, backend_arguments, tty, dbname, login, password);
  });
}

connection PQconnectStart(recorder& telemetry, const char* conninfo,
                          const connection_options& options) {
  return start_to_connect(telemetry, options, detail::owned_connection{::PQconnectStart(conninfo)});
}

connection PQconnectStartParams(recorder& telemetry, const char* const* keywords,
                                const char* const* values, int expand_dbname,
                                const connection_options& options) {
  return start_to_connect(
      telemetry, options,
      detail::owned_connection{::PQconnectStartParams(keywords, values, expand_dbname)});
}

PostgresPollingStatusType PQconnectPoll(const connection& db) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return PGRES_POLLING_FAILED;
  return note_poll(*session, ::PQconnectPoll(session->native()));
}

void PQreset(const connection& db) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return;
  session->forget_server();
  session->begin_connecting();
  ::PQreset(session->native());
  session->end_connecting(::PQstatus(session->native()) == CONNECTION_OK);
}

int PQresetStart(const connection& db) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return 0;
  session->forget_server();
  session->begin_connecting();
  const int is_started = ::PQresetStart(session->native());
  if (is_started == 0) session->end_connecting(false);
  return is_started;
}

PostgresPollingStatusType PQresetPoll(const connection& db) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return PGRES_POLLING_FAILED;
  return note_poll(*session, ::PQresetPoll(session->native()));
}

void PQfinish(const connection& db) noexcept {
  if (detail::session* const session = detail::access::of(db)) session->finish();
}

}  // namespace querytap::libpq
