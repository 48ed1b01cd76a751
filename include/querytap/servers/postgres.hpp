#pragma once

#include <querytap/servers/server_inspector.hpp>

#include <memory>
#include <string>

namespace querytap {

/// Plans and waits of a PostgreSQL database, from version 12 on.
///
///     auto plans = std::make_shared<postgres_inspector>("host=db dbname=chat user=watcher");
///     query_watch watch{recorder, {.plans = {plans}}};
///
/// The user should be the application's own, or one with the same search_path who may read its tables;
/// to see what others' sessions wait for takes pg_monitor.
///
/// The statement is prepared without its literals, which never leave the process a second time, and
/// its generic plan is asked for in a read-only transaction with a statement_timeout and a lock_timeout:
/// `plan_cache_mode = force_generic_plan` and `EXPLAIN (FORMAT JSON)` without ANALYZE. SELECT, INSERT,
/// UPDATE, DELETE and WITH alone are asked for.
///
/// Errors   configuration_error for a connection string that libpq cannot read; plan_error with the
///          SQLSTATE for what the server refuses. After one without an answer it is left alone for ten
///          seconds.
/// Cost     one connection, made when it is first needed; some four round trips for a plan. To look
///          up the host's name may take longer than the deadline.
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
