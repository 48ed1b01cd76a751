#pragma once

#include <querytap/servers/server_inspector.hpp>

#include <string>

namespace querytap {

/// Plans of a SQLite database in a file.
///
///     query_watch watch{recorder, {.plans = {std::make_shared<sqlite_inspector>("documents.db")}}};
///
/// Each plan is read with `EXPLAIN QUERY PLAN` on a read-only connection, which is closed
/// afterwards. A statement that uses the application's own functions or collations has no plan.
///
/// Errors   plan_error, with SQLite's result code.
/// Source   sqlite.org/eqp.html
class sqlite_inspector final : public server_inspector {
 public:
  explicit sqlite_inspector(std::string path);

  [[nodiscard]] bool serves(const call_report& call) const override;
  [[nodiscard]] explained_statement explain(const call_report& call, deadline until) override;

 private:
  std::string path_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/sqlite_server.hpp>
#endif
