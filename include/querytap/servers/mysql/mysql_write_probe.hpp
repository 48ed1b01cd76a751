#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>
#include <querytap/servers/mysql/mysql_address.hpp>

#include <string>

namespace querytap {

struct mysql_write_probe_options {
  mysql_address server = {};
  std::string database = {};
  std::string table = "querytap_probe";  ///< of its own; made if it is not there
};

/// Whether a MariaDB or MySQL database takes a write and gives it back: a row in a table of its own is
/// inserted, read and deleted.
///
///     mysql_write_probe orders{{.server = {.host = "db", .user = "watcher"}, .database = "shop"}};
///     const health_answer answer = orders.look(std::chrono::steady_clock::now() + 1s);
///
/// It finds what status variables do not show: a full disk, a read-only server, a lock on everything.
///
/// The user needs CREATE, SELECT, INSERT and DELETE on the table. Without them the probe fails, and says with
/// which error.
///
/// Threads  as health_probe.
/// Cost     three statements, of which two are commits; one more at first.
/// Errors   configuration_error without a user or database; probe_error: the server did not answer in time, or
///          cannot be reached.
class mysql_write_probe final : public health_probe {
 public:
  explicit mysql_write_probe(const mysql_write_probe_options& options);
  ~mysql_write_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  class state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/mysql_server.hpp>
#endif
