#pragma once

#include <querytap/servers/health_probe.hpp>

#include <string>

namespace querytap {

struct sqlite_write_probe_options {
  std::string path = {};                  ///< of the database file
  std::string table = "querytap_health";  ///< made where it is not there, and of no other use
  std::chrono::nanoseconds slow = std::chrono::seconds{1};  ///< from where on it is a warning
};

/// Whether a SQLite database takes a write: a row is written, read back and deleted in one transaction.
///
///     sqlite_write_probe documents{{.path = "documents.db"}};
///
/// Threads  as every probe.
/// Cost     one transaction with its sync to storage; it waits for other writers until the deadline.
/// Errors   configuration_error for a table whose name is not letters, digits and underscores; else none.
/// Source   sqlite.org/lang_transaction.html. The file and its folder must be writable.
class sqlite_write_probe final : public health_probe {
 public:
  explicit sqlite_write_probe(sqlite_write_probe_options options);

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  sqlite_write_probe_options options_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/sqlite_server.hpp>
#endif
