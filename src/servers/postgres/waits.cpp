#include "waits.hpp"

#include "../../base/numbers.hpp"
#include "../../base/seconds.hpp"

#include <querytap/query/identify.hpp>

#include <fmt/format.h>

#include <cmath>
#include <cstring>
#include <optional>
#include <string_view>

namespace querytap::detail {
namespace {

// Each active session, joined with the sessions that hold the lock that it waits for.
constexpr auto waits_query = R"(
select a.query, extract(epoch from a.query_start), a.wait_event_type, a.wait_event,
       h.pid, h.state, h.query
from pg_catalog.pg_stat_activity a
left join pg_catalog.pg_stat_activity h
  on a.wait_event_type = 'Lock' and h.pid = any (pg_catalog.pg_blocking_pids(a.pid))
where a.datname = current_database() and a.state = 'active' and a.pid <> pg_backend_pid()
order by a.query_start, h.xact_start
limit 1000
)";

std::string_view waits_field(const PGresult* rows, int row, int column) {
  return {PQgetvalue(rows, row, column), static_cast<std::size_t>(PQgetlength(rows, row, column))};
}

/// How many seconds lie between the start of the session's statement and the start of the call.
double seconds_apart(std::string_view query_start, const call_report& call) {
  return std::abs(leading_number<double>(query_start) - seconds_of(call.start.time_since_epoch()));
}

std::optional<int> row_of_call(const PGresult* rows, const call_report& call) {
  std::optional<int> nearest;
  double least = 0;
  for (int row = 0; row < PQntuples(rows); ++row) {
    const auto running = identify(waits_field(rows, row, 0), dialect::postgresql);
    if (running.fingerprint != call.statement->fingerprint) continue;
    const double apart = seconds_apart(waits_field(rows, row, 1), call);
    if (nearest && apart >= least) continue;
    nearest = row;
    least = apart;
  }
  return nearest;
}

}  // namespace

std::optional<std::string> running_text(postgres_session& session, const call_report& call,
                                        postgres_session::deadline until) {
  if (call.reason != report_reason::running) return std::nullopt;
  const auto rows = session.query(waits_query, {}, until);
  const std::optional<int> row = row_of_call(rows.get(), call);
  if (!row) return std::nullopt;
  return std::string{waits_field(rows.get(), *row, 0)};
}

server_wait wait_of(postgres_session& session, const call_report& call,
                    postgres_session::deadline until) {
  const auto rows = session.query(waits_query, {}, until);
  const std::optional<int> row = row_of_call(rows.get(), call);
  if (!row) return {};
  const auto at = [&](int column) { return waits_field(rows.get(), *row, column); };
  const std::string_view type = at(2);
  // A session that waits for its client is idle: the server does not delay the call.
  if (type.empty() || type == "Client") return {};
  server_wait wait{fmt::format("{}: {}", type, at(3)), type == "Lock"};
  if (!at(4).empty()) {
    wait.waits_for += fmt::format(", held by {}, {}: {}", at(4), at(5),
                                  identify(at(6), dialect::postgresql).summary);
  }
  return wait;
}

}  // namespace querytap::detail
