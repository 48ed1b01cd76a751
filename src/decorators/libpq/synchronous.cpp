#include "server_failure.hpp"
#include "session.hpp"

namespace querytap::libpq {
namespace {

bool begins_copy(const PGresult* result) noexcept {
  const ExecStatusType status = ::PQresultStatus(result);
  return status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH;
}

template <class Call>
PGresult* timed_call(detail::session& session, const statement& statement,
                     const detail::noted_values& values, code_location site, Call call) noexcept {
  operation timing{statement, site};
  timing.of(session.open_transaction());
  values.begin(timing);
  PGresult* const result = call(session.native());
  if (begins_copy(result)) {
    session.begin_copy(std::move(timing), result);
  } else {
    const bool has_committed = detail::conclude(session.native(), timing, result);
    if (values.asked() && !detail::is_failure(result))
      statement.searched(*values.asked(), static_cast<std::uint64_t>(::PQntuples(result)));
    values.finish(timing);
    session.note_transaction(has_committed, site);
  }
  return result;
}

/// A message of the protocol that has no statement: it counts as `text`.
PGresult* timed_command(const connection& db, std::string_view text, const char* name,
                        code_location site, PGresult* (*command)(PGconn*, const char*)) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return command(nullptr, name);
  session->discard_results();
  return timed_call(*session, session->statement_of(text),
                    session->note_values(detail::text_or_nothing(name)), site,
                    [=](PGconn* native) { return command(native, name); });
}

}  // namespace

PGresult* PQexec(const connection& db, const char* query, code_location site) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return ::PQexec(nullptr, query);
  session->discard_results();
  const std::string_view text = detail::text_or_nothing(query);
  const statement& sent = session->statement_of(text);
  return timed_call(*session, sent, session->note_call(sent, text), site,
                    [&](PGconn* native) { return ::PQexec(native, session->commented(query)); });
}

PGresult* PQexecParams(const connection& db, const char* command, int count, const Oid* types,
                       const char* const* values, const int* lengths, const int* formats,
                       int result_format, code_location site) noexcept {
  const auto execute = [&](PGconn* native, const char* sql) {
    return ::PQexecParams(native, sql, count, types, values, lengths, formats, result_format);
  };
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return execute(nullptr, command);
  session->discard_results();
  const std::string_view text = detail::text_or_nothing(command);
  const statement& sent = session->statement_of(text);
  return timed_call(*session, sent,
                    session->note_call(sent, text, {count, values, lengths, formats}), site,
                    [&](PGconn* native) { return execute(native, session->commented(command)); });
}

PGresult* PQprepare(const connection& db, const char* name, const char* query, int count,
                    const Oid* types, code_location site) noexcept {
  const auto prepare = [&](PGconn* native) {
    return ::PQprepare(native, name, query, count, types);
  };
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return prepare(nullptr);
  session->discard_results();
  const std::string_view text = detail::text_or_nothing(query);
  const auto prepared = detail::session::prepared_by(session->statement_of(text), text);
  PGresult* const result = timed_call(*session, session->preparation_of(text),
                                      session->note_values(text), site, prepare);
  if (!detail::is_failure(result)) {
    static_cast<void>(session->prepare(detail::text_or_nothing(name), prepared));
  }
  return result;
}

PGresult* PQexecPrepared(const connection& db, const char* name, int count,
                         const char* const* values, const int* lengths, const int* formats,
                         int result_format, code_location site) noexcept {
  const auto execute = [&](PGconn* native) {
    return ::PQexecPrepared(native, name, count, values, lengths, formats, result_format);
  };
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return execute(nullptr);
  session->discard_results();
  const statement& sent = session->prepared(name);
  return timed_call(*session, sent,
                    session->note_prepared(sent, name, {count, values, lengths, formats}), site,
                    execute);
}

PGresult* PQdescribePrepared(const connection& db, const char* name, code_location site) noexcept {
  return timed_command(db, "DESCRIBE STATEMENT", name, site, &::PQdescribePrepared);
}

PGresult* PQdescribePortal(const connection& db, const char* portal, code_location site) noexcept {
  return timed_command(db, "DESCRIBE PORTAL", portal, site, &::PQdescribePortal);
}

#ifdef LIBPQ_HAS_CLOSE_PREPARED
PGresult* PQclosePrepared(const connection& db, const char* name, code_location site) noexcept {
  return timed_command(db, "CLOSE STATEMENT", name, site, &::PQclosePrepared);
}

PGresult* PQclosePortal(const connection& db, const char* portal, code_location site) noexcept {
  return timed_command(db, "CLOSE PORTAL", portal, site, &::PQclosePortal);
}
#endif

}  // namespace querytap::libpq
