#pragma once

#include <support/child_process.hpp>

#include <memory>
#include <string>
#include <vector>

namespace querytap::testing {

/// A private Redis server: in a folder of its own, on a free port of 127.0.0.1, without files,
/// stopped and removed by the destructor.
///
///     redis_server server{{"--maxclients", "10"}};
///
/// Cost     a tenth of a second to start.
/// Errors   throws std::runtime_error that names the Debian package where no server is installed.
class redis_server {
 public:
  explicit redis_server(std::vector<std::string> arguments = {});

  /// One for the whole test program, started on first use.
  [[nodiscard]] static redis_server& shared();

  [[nodiscard]] int port() const noexcept { return port_; }
  [[nodiscard]] std::string socket() const { return (folder_.path() / "socket").string(); }

  /// As if the machine went down: all connections and all data are lost.
  void crash() noexcept { server_->stop(); }
  /// Starts a crashed server again, on its port.
  void restart();
  /// The server stands still, with all its connections open.
  void pause() noexcept;
  void resume() noexcept;

 private:
  void start();
  [[nodiscard]] bool accepts_connections();

  const std::vector<std::string> arguments_;
  temporary_folder folder_;
  int port_ = 0;
  std::unique_ptr<child_process> server_;  // Last: it stops before its folder goes.
};

}  // namespace querytap::testing
