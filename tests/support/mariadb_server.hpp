#pragma once

#include <support/child_process.hpp>

#include <memory>

namespace querytap::testing {

/// A private MariaDB server: in a folder of its own, on a free port of 127.0.0.1, open to every
/// local user, stopped and removed by the destructor.
///
/// Cost     less than a second to start.
/// Errors   throws std::runtime_error that names the Debian package where no server is installed.
class mariadb_server {
 public:
  mariadb_server();

  [[nodiscard]] int port() const noexcept { return port_; }

 private:
  void start();
  [[nodiscard]] bool accepts_connections();

  temporary_folder folder_;
  int port_ = 0;
  std::unique_ptr<child_process> server_;  // Last: it stops before its folder goes.
};

}  // namespace querytap::testing
