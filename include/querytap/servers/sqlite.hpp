#pragma once

#include <querytap/servers/server_inspector.hpp>

#include <cstdint>
#include <string>

struct sqlite3;

namespace querytap {

namespace sqlite {
class connection;
}

/// Plans of a SQLite database.
///
///     query_watch watch{recorder, {.plans = {std::make_shared<sqlite_inspector>("documents.db")}}};
///     sqlite::connection db{recorder, "documents.db", {.shared_between_threads = true}};
///     query_watch other{recorder, {.plans = {std::make_shared<sqlite_inspector>(db)}}};
///
/// With a file, each plan is read with `EXPLAIN QUERY PLAN` on a read-only connection, which is
/// closed afterwards. The literals are not known then, nor the application's own functions and
/// collations; and a connection that has been open since before the last ANALYZE goes on using its
/// old statistics. The plan's note says what may differ.
///
/// With a connection of the application that is shared_between_threads, reads are explained on that
/// connection while no other thread uses it, and by the text that it has prepared: this is the plan
/// that runs. Otherwise its file is asked as above. A database in memory has plans only so.
///
/// Calls are told apart by the file that they went to, not by its name: see
/// call_report::database_file. Calls that were timed by hand are told by the name.
///
/// Threads  a thread that uses the connection waits while a plan is read, some 50 µs.
/// Errors   configuration_error for a connection that only one thread at a time may use; plan_error,
///          with SQLite's result code.
/// Lifetime the connection must outlive the inspector, which a query_watch retains.
/// Source   sqlite.org/eqp.html
class sqlite_inspector final : public server_inspector {
 public:
  explicit sqlite_inspector(std::string path);
  explicit sqlite_inspector(sqlite::connection& connection);

  [[nodiscard]] bool serves(const call_report& call) const override;
  [[nodiscard]] explained_statement explain(const call_report& call, deadline until) override;

 private:
  std::string path_;
  sqlite3* connection_ = nullptr;
  std::uint64_t file_ = 0;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/sqlite_server.hpp>
#endif
