#pragma once

#include <support/child_process.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace querytap::testing {

class postgres_server;

struct postgres_options {
  std::vector<std::string> settings = {};  ///< `statement_timeout=5s`
  bool encrypts = false;                   ///< TLS too, with a certificate that it signs itself
  const postgres_server* standby_of = nullptr;  ///< a streaming standby of this one, read-only
};

/// A private PostgreSQL server: in a folder of its own, on a free port of 127.0.0.1, with a
/// superuser `postgres` that needs no password, stopped and removed by the destructor.
///
///     pqxx::connection db{postgres_server::shared().connection_string()};
///
/// Cost     about a second to start: initdb, or a copy of the primary's folder, and the server itself.
/// Errors   throws std::runtime_error that names the Debian package where no server is installed.
class postgres_server {
 public:
  explicit postgres_server(const postgres_options& options = {});

  /// One for the whole test program, started on first use, with pg_stat_statements.
  [[nodiscard]] static postgres_server& shared();

  [[nodiscard]] int port() const noexcept { return port_; }
  /// The user that the server runs as; empty: the one of the test.
  [[nodiscard]] const std::string& user() const noexcept { return user_; }
  [[nodiscard]] std::string connection_string() const;
  /// What a client has to trust to know a server that `encrypts`.
  [[nodiscard]] std::filesystem::path certificate() const { return folder_.path() / "server.crt"; }

  /// Stops the server at once, as if the machine went down: the clients of all sessions see a
  /// broken connection.
  void crash() noexcept;
  /// The same for the process that accepts connections alone, by SIGKILL: its sessions notice later.
  void kill() noexcept;
  /// Stops all of its processes by SIGSTOP, until resume(): connections stay open, and nothing is answered.
  void freeze() noexcept;
  void resume() noexcept;
  /// Starts it once more after a crash or a kill, on the same port, with what it had stored.
  void recover();

 private:
  void take_ownership() const;
  void initialise() const;
  void copy(const postgres_server& primary) const;
  void make_certificate() const;
  void start();
  void start_on(int port);
  [[nodiscard]] bool accepts_connections() const;
  void signal_all(int number) noexcept;

  std::filesystem::path programs_;
  temporary_folder folder_;
  std::string user_;  // The server refuses to run as root.
  std::vector<std::string> settings_;
  int port_ = 0;
  std::unique_ptr<child_process> server_;  // Last: it stops before its folder goes.
};

}  // namespace querytap::testing
