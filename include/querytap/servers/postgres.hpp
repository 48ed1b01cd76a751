#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/servers/server_inspector.hpp>

#include <string>

namespace querytap {

/// Plans and waits of a PostgreSQL database, from version 12 on.
///
///     auto plans = std::make_shared<postgres_inspector>("host=db dbname=chat user=watcher");
///     query_watch watch{recorder, {.plans = {plans}}};
///
/// The user should be the application's own, or a user with the same search_path and the right to
/// read the application's tables. The waits of other users' sessions are visible only with
/// pg_monitor.
///
/// The statement is prepared without its literals, which do not leave the process a second time.
/// Its generic plan is read in a read-only transaction with a statement_timeout and a lock_timeout:
/// `plan_cache_mode = force_generic_plan` and `EXPLAIN (FORMAT JSON)` without ANALYZE. Parameters
/// stand for the literals, with the types that the server needs; of a partitioned table all
/// partitions are shown. Only SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, TABLE and WITH are
/// explained.
///
/// A call that still runs has the plan for its own literals: its text is the one that the server
/// shows in pg_stat_activity. Where auto_explain is loaded, the plan's note says that the server's
/// log has the plans that ran; the log itself cannot be read on a connection.
///
/// Errors   configuration_error for a connection string that libpq cannot read; plan_error with the
///          SQLSTATE for a statement that the server refuses. A server that did not answer is not
///          contacted again for ten seconds.
/// Cost     one connection, made on first use; about five round trips for a plan, and two more for each type that
///          the server cannot infer. Looking up the
///          host's name may take longer than the deadline.
/// Source   postgresql.org/docs/15/sql-prepare.html, using-explain.html, monitoring-stats.html.
class postgres_inspector final : public server_inspector {
 public:
  explicit postgres_inspector(const std::string& connection_string);
  ~postgres_inspector() override;

  [[nodiscard]] bool serves(const call_report& call) const override;
  [[nodiscard]] explained_statement explain(const call_report& call, deadline until) override;
  [[nodiscard]] server_wait wait_of(const call_report& call, deadline until) override;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/postgres_server.hpp>
#endif
