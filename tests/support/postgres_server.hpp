#pragma once

#include <support/child_process.hpp>

#include <filesystem>
#include <memory>
#include <string>

namespace querytap::testing {

/// A private PostgreSQL server: in a folder of its own, on a free port of 127.0.0.1, with a
/// superuser `postgres` that needs no password, stopped and removed by the destructor.
///
///     pqxx::connection db{postgres_server::shared().connection_string()};
///
/// Cost     about a second to start: initdb and the server itself.
/// Errors   throws std::runtime_error that names the Debian package where no server is installed.
class postgres_server {
 public:
  postgres_server();

  /// One for the whole test program, started on first use.
  [[nodiscard]] static postgres_server& shared();

  [[nodiscard]] int port() const noexcept { return port_; }
  [[nodiscard]] std::string connection_string() const;

  /// Stops the server at once, as if the machine went down: the clients of all sessions see a
  /// broken connection.
  void crash() noexcept;

 private:
  void start();
  [[nodiscard]] bool accepts_connections();

  std::filesystem::path programs_;
  temporary_folder folder_;
  std::string user_;  // The server refuses to run as root.
  int port_ = 0;
  std::unique_ptr<child_process> server_;  // Last: it stops before its folder goes.
};

}  // namespace querytap::testing
