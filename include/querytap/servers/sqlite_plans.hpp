#pragma once

#include <querytap/servers/plan_source.hpp>

#include <string>

namespace querytap {

/// Plans of a SQLite database in a file.
///
///     query_watch watch{recorder, {.plans = {std::make_shared<sqlite_plans>("documents.db")}}};
///
/// Each is asked for with `EXPLAIN QUERY PLAN` on a read-only connection that is closed again. A
/// statement that needs functions or collations of the application's own has none.
///
/// Errors   plan_error, with SQLite's result code.
/// Source   sqlite.org/eqp.html
class sqlite_plans final : public plan_source {
 public:
  explicit sqlite_plans(std::string path);

  [[nodiscard]] bool serves(const slow_query& call) const override;
  [[nodiscard]] explained_statement explain(const slow_query& call, deadline until) override;

 private:
  std::string path_;
};

}  // namespace querytap
