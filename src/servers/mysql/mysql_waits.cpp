#include "mysql_waits.hpp"

#include "../../base/numbers.hpp"
#include "../../base/seconds.hpp"

#include <querytap/query/identify.hpp>

#include <fmt/format.h>

#include <cmath>
#include <string_view>

namespace querytap::detail {
namespace {

// Each session at work, joined with the sessions that hold the lock that its transaction has
// requested.
constexpr auto locks_query = R"(
select p.info, unix_timestamp(now(6)) - p.time_ms / 1000, p.state, h.id, h.command, h.info, l.lock_table
from information_schema.processlist p
left join information_schema.innodb_trx r on r.trx_mysql_thread_id = p.id and r.trx_state = 'LOCK WAIT'
left join information_schema.innodb_lock_waits w on w.requesting_trx_id = r.trx_id
left join information_schema.innodb_locks l on l.lock_id = w.requested_lock_id
left join information_schema.innodb_trx b on b.trx_id = w.blocking_trx_id
left join information_schema.processlist h on h.id = b.trx_mysql_thread_id
where p.command in ('Query', 'Execute') and p.id <> connection_id() and p.info is not null
order by b.trx_started
limit 1000
)";

// Of a server without these tables of InnoDB, or for a user who may not read them.
constexpr auto processes_query = R"(
select info, unix_timestamp(now(6)) - time, state, null, null, null, null
from information_schema.processlist
where command in ('Query', 'Execute') and id <> connection_id() and info is not null
limit 1000
)";

mysql_rows sessions_at_work(mysql_session& session, mysql_session::deadline until) {
  try {
    return session.query(locks_query, until);
  } catch (const refused_by_mysql&) {
    return session.query(processes_query, until);
  }
}

double seconds_between(std::string_view start, const call_report& call) {
  return std::abs(leading_number<double>(start) - seconds_of(call.start.time_since_epoch()));
}

const std::vector<std::string>* session_of_call(const mysql_rows& sessions,
                                                const call_report& call) {
  const std::vector<std::string>* nearest = nullptr;
  for (const auto& session : sessions) {
    if (identify(session[0], dialect::mysql).fingerprint != call.statement->fingerprint) continue;
    const bool is_nearer = nearest == nullptr ||
                           seconds_between(session[1], call) < seconds_between((*nearest)[1], call);
    if (is_nearer) nearest = &session;
  }
  return nearest;
}

std::string without_quotes(std::string text) {
  std::erase(text, '`');
  return text;
}

}  // namespace

std::optional<std::string> text_in_mysql(mysql_session& session, const call_report& call,
                                         mysql_session::deadline until) {
  if (call.reason != report_reason::running) return std::nullopt;
  const mysql_rows sessions = sessions_at_work(session, until);
  const auto* const found = session_of_call(sessions, call);
  return found == nullptr ? std::nullopt : std::optional{(*found)[0]};
}

server_wait wait_in_mysql(mysql_session& session, const call_report& call,
                          mysql_session::deadline until) {
  const mysql_rows sessions = sessions_at_work(session, until);
  const auto* const found = session_of_call(sessions, call);
  if (found == nullptr) return {};
  const std::string& state = (*found)[2];
  const std::string& holder = (*found)[3];
  if (!holder.empty()) {
    server_wait wait{
        fmt::format("Lock: row of {}, held by {}", without_quotes((*found)[6]), holder), true};
    wait.waits_for += (*found)[4] == "Sleep" ? ", idle in transaction" : ", active";
    if (!(*found)[5].empty()) {
      wait.waits_for += ": " + identify((*found)[5], dialect::mysql).summary;
    }
    return wait;
  }
  // All other states say what a session does.
  const bool waits = state.starts_with("Waiting") || state.starts_with("User ");
  if (!waits) return {};
  const bool is_lock = state.find(" lock") != std::string::npos;
  return {is_lock ? "Lock: " + state : state, is_lock};
}

}  // namespace querytap::detail
