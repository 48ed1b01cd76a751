#include "server_failure.hpp"
#include "session.hpp"

namespace querytap::libpq {
namespace {

/// `send` returns 1 where libpq has taken the call.
template <class Send>
int timed_send(detail::session& session, detail::pending_call* call, Send send) noexcept {
  const int is_sent = send(session.native());
  session.call_was_sent(call, is_sent != 0);
  return is_sent;
}

/// A message of the protocol that has no statement: it counts as `text`.
int send_command(const connection& db, std::string_view text, const char* name, code_location site,
                 int (*command)(PGconn*, const char*)) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return command(nullptr, name);
  detail::pending_call* const call = session->begin_call(
      session->statement_of(text), session->note_values(detail::text_or_nothing(name)), site);
  return timed_send(*session, call, [=](PGconn* native) { return command(native, name); });
}

int send_sync(const connection& db, code_location site, int (*sync)(PGconn*)) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return sync(nullptr);
  const int is_sent = sync(session->native());
  if (is_sent != 0) session->sync_was_sent(site);
  return is_sent;
}

}  // namespace

int PQsendQuery(const connection& db, const char* query, code_location site) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return ::PQsendQuery(nullptr, query);
  const std::string_view text = detail::text_or_nothing(query);
  detail::pending_call* const call = session->begin_text(text, session->note_values(text), site);
  return timed_send(*session, call, [&](PGconn* native) {
    return ::PQsendQuery(native, session->commented(query));
  });
}

int PQsendQueryParams(const connection& db, const char* command, int count, const Oid* types,
                      const char* const* values, const int* lengths, const int* formats,
                      int result_format, code_location site) noexcept {
  const auto send = [&](PGconn* native, const char* sql) {
    return ::PQsendQueryParams(native, sql, count, types, values, lengths, formats, result_format);
  };
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return send(nullptr, command);
  const std::string_view text = detail::text_or_nothing(command);
  const statement& sent = session->statement_of(text);
  detail::pending_call* const call = session->begin_call(
      sent, session->note_call(sent, text, {count, values, lengths, formats}), site);
  return timed_send(*session, call,
                    [&](PGconn* native) { return send(native, session->commented(command)); });
}

int PQsendPrepare(const connection& db, const char* name, const char* query, int count,
                  const Oid* types, code_location site) noexcept {
  const auto send = [&](PGconn* native) {
    return ::PQsendPrepare(native, name, query, count, types);
  };
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return send(nullptr);
  const std::string_view text = detail::text_or_nothing(query);
  const auto prepared = detail::session::prepared_by(session->statement_of(text), text);
  detail::pending_call* const call =
      session->begin_call(session->preparation_of(text), session->note_values(text), site);
  // In a pipeline the name is used before the server has answered.
  if (call != nullptr) call->begin_preparing(detail::text_or_nothing(name));
  detail::prepared_statement replaced = session->prepare(detail::text_or_nothing(name), prepared);
  if (call != nullptr) call->replaced = std::move(replaced);
  return timed_send(*session, call, send);
}

int PQsendQueryPrepared(const connection& db, const char* name, int count,
                        const char* const* values, const int* lengths, const int* formats,
                        int result_format, code_location site) noexcept {
  const auto send = [&](PGconn* native) {
    return ::PQsendQueryPrepared(native, name, count, values, lengths, formats, result_format);
  };
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return send(nullptr);
  const statement& sent = session->prepared(name);
  detail::pending_call* const call = session->begin_call(
      sent, session->note_prepared(sent, name, {count, values, lengths, formats}), site);
  return timed_send(*session, call, send);
}

int PQsendDescribePrepared(const connection& db, const char* name, code_location site) noexcept {
  return send_command(db, "DESCRIBE STATEMENT", name, site, &::PQsendDescribePrepared);
}

int PQsendDescribePortal(const connection& db, const char* portal, code_location site) noexcept {
  return send_command(db, "DESCRIBE PORTAL", portal, site, &::PQsendDescribePortal);
}

#ifdef LIBPQ_HAS_CLOSE_PREPARED
int PQsendClosePrepared(const connection& db, const char* name, code_location site) noexcept {
  return send_command(db, "CLOSE STATEMENT", name, site, &::PQsendClosePrepared);
}

int PQsendClosePortal(const connection& db, const char* portal, code_location site) noexcept {
  return send_command(db, "CLOSE PORTAL", portal, site, &::PQsendClosePortal);
}
#endif

PGresult* PQgetResult(const connection& db) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return nullptr;
  PGresult* const result = ::PQgetResult(session->native());
  session->note(result);
  return result;
}

int PQflush(const connection& db) noexcept {
  detail::session* const session = detail::access::of(db);
  if (session == nullptr) return ::PQflush(nullptr);
  const int is_left = ::PQflush(session->native());
  if (is_left == 0) session->all_was_sent();
  return is_left;
}

int PQpipelineSync(const connection& db, code_location site) noexcept {
  return send_sync(db, site, &::PQpipelineSync);
}

#ifdef LIBPQ_HAS_SEND_PIPELINE_SYNC
int PQsendPipelineSync(const connection& db, code_location site) noexcept {
  return send_sync(db, site, &::PQsendPipelineSync);
}
#endif

}  // namespace querytap::libpq
