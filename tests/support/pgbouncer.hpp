#pragma once

#include <support/child_process.hpp>
#include <support/postgres_server.hpp>

#include <memory>
#include <string>

namespace querytap::testing {

/// A pgbouncer before a server, in transaction mode: each transaction of a client is sent to whichever
/// of `sessions` connections to the server is free.
///
/// Errors   throws std::runtime_error that names the Debian package where it is not installed.
class pgbouncer {
 public:
  pgbouncer(const postgres_server& server, int sessions);

  [[nodiscard]] int port() const noexcept { return port_; }
  [[nodiscard]] std::string connection_string() const;

 private:
  void start(const postgres_server& server, int sessions);

  temporary_folder folder_;
  int port_ = 0;
  std::unique_ptr<child_process> process_;  // Last: it stops before its folder goes.
};

}  // namespace querytap::testing
