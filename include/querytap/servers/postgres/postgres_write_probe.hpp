#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/servers/health_probe.hpp>

#include <string>

namespace querytap {

struct postgres_write_probe_options {
  std::string connection_string = {};
  std::string table =
      "querytap_probe";  ///< in the first schema of the search_path; made if it is not there
};

/// Whether a PostgreSQL server stores what it is given: writes a row of its own, reads it back and deletes it.
///
///     postgres_write_probe writes{{.connection_string = "host=db dbname=chat user=watcher"}};
///     writes.look(std::chrono::steady_clock::now() + std::chrono::seconds{2});
///
/// It fails on a server that is read-only, a full disk, and a table that cannot be read. The user needs the right to
/// create the table, or INSERT, SELECT and DELETE on one that exists:
/// `create table querytap_probe (id text primary key, written timestamptz not null)`.
///
/// The transactions do not wait for synchronous standbys: such a wait cannot be ended by a time limit, and each look would
/// leave a session behind. Rows that a probe could not delete any more are deleted by another one a day later.
///
/// Errors   configuration_error for a connection string that libpq cannot read, and without a table. Everything else is
///          a measurement that failed.
/// Cost     one connection, which is retained; three round trips and two small transactions.
class postgres_write_probe final : public health_probe {
 public:
  explicit postgres_write_probe(const postgres_write_probe_options& options);
  ~postgres_write_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  class state;
  std::unique_ptr<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/postgres_server.hpp>
#endif
