#include <support/mariadb_server.hpp>

#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

namespace querytap::testing {
namespace {

constexpr const char* program = "/usr/sbin/mariadbd";

}  // namespace

mariadb_server::mariadb_server(std::vector<std::string> arguments)
    : arguments_{std::move(arguments)} {
  if (!std::filesystem::exists(program)) {
    throw std::runtime_error{std::string{"no "} + program +
                             ": apt-get install mariadb-server-core"};
  }
  std::filesystem::create_directory(folder_.path() / "data");
  // Another program may take the free port before the server starts.
  for (int attempt = 0; attempt < 3 && !server_; ++attempt) {
    port_ = free_port();
    start();
  }
  if (!server_) {
    throw std::runtime_error{"MariaDB did not start: " + read_text(folder_.path() / "log")};
  }
}

void mariadb_server::start() {
  // Without tables of accounts the server starts in an empty folder.
  std::vector<std::string> command{program,
                                   "--no-defaults",
                                   "--skip-grant-tables",
                                   "--bind-address=127.0.0.1",
                                   "--port=" + std::to_string(port_),
                                   "--datadir=" + (folder_.path() / "data").string(),
                                   "--socket=" + (folder_.path() / "socket").string(),
                                   "--innodb-log-file-size=4M",
                                   "--innodb-buffer-pool-size=8M"};
  if (geteuid() == 0) command.emplace_back("--user=root");
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  std::filesystem::remove(folder_.path() / "log");
  server_ = std::make_unique<child_process>(
      command, child_options{.output = folder_.path() / "log", .stop_signal = SIGKILL});

  if (!became_ready(*server_, [this] { return accepts_connections(); })) server_.reset();
}

mariadb_server& mariadb_server::shared() {
  static mariadb_server instance;
  return instance;
}

void mariadb_server::restart() {
  start();
  if (!server_) {
    throw std::runtime_error{"MariaDB did not start: " + read_text(folder_.path() / "log")};
  }
}

void mariadb_server::pause() noexcept { server_->stand_still(); }

void mariadb_server::resume() noexcept { server_->signal(SIGCONT); }

bool mariadb_server::accepts_connections() {
  return read_text(folder_.path() / "log").find("ready for connections") != std::string::npos;
}

}  // namespace querytap::testing
