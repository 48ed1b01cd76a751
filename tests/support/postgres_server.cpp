#include <support/postgres_server.hpp>

#include <signal.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>
#include <vector>

namespace querytap::testing {
namespace {

namespace fs = std::filesystem;

// Debian installs each major version into a folder of its own: the newest is used.
fs::path find_programs() {
  fs::path newest;
  int newest_version = 0;
  std::error_code none;
  for (const fs::directory_entry& entry : fs::directory_iterator{"/usr/lib/postgresql", none}) {
    const int version = std::atoi(entry.path().filename().c_str());
    if (version > newest_version && fs::exists(entry.path() / "bin/postgres")) {
      newest = entry.path() / "bin";
      newest_version = version;
    }
  }
  if (newest.empty()) {
    throw std::runtime_error{
        "no PostgreSQL server under /usr/lib/postgresql: apt-get install postgresql-15"};
  }
  return newest;
}

}  // namespace

postgres_server::postgres_server()
    : programs_{find_programs()}, user_{geteuid() == 0 ? "postgres" : ""} {
  if (!user_.empty()) {
    // The folder belongs to root, and the server runs as another user.
    const finished given = run({"/bin/chown", user_, folder_.path().string()});
    if (given.exit_code != 0) throw std::runtime_error{"chown failed: " + given.output};
  }
  const finished created =
      run({programs_ / "initdb", "-D", folder_.path() / "data", "-U", "postgres", "-A", "trust",
           "--locale=C", "-E", "UTF8", "--no-sync", "--no-instructions"},
          user_);
  if (created.exit_code != 0) throw std::runtime_error{"initdb failed: " + created.output};

  // Another program may take the free port before the server starts.
  for (int attempt = 0; attempt < 3 && !server_; ++attempt) start();
  if (!server_) {
    throw std::runtime_error{"PostgreSQL did not start: " + read_text(folder_.path() / "log")};
  }
}

void postgres_server::start() {
  port_ = free_port();
  server_ = std::make_unique<child_process>(
      std::vector<std::string>{programs_ / "postgres", "-D", folder_.path() / "data",
                               "--port=" + std::to_string(port_), "--listen_addresses=127.0.0.1",
                               "--unix_socket_directories=", "--fsync=off", "--shared_buffers=16MB",
                               "--max_connections=40"},
      child_options{.user = user_, .output = folder_.path() / "log", .stop_signal = SIGQUIT});

  if (!became_ready(*server_, [this] { return accepts_connections(); })) server_.reset();
}

// The server writes its state into this file; pg_ctl waits for it as well.
bool postgres_server::accepts_connections() {
  return read_text(folder_.path() / "data/postmaster.pid").find("ready") != std::string::npos;
}

postgres_server& postgres_server::shared() {
  static postgres_server instance;
  return instance;
}

std::string postgres_server::connection_string() const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " user=postgres dbname=postgres";
}

void postgres_server::crash() noexcept { server_->stop(); }

}  // namespace querytap::testing
