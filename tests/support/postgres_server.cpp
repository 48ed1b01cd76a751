#include <support/postgres_server.hpp>

#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <sstream>
#include <stdexcept>
#include <string_view>
#include <thread>
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

/// Runs a program that prepares a server, to its end.
void must_run(std::string_view step, const std::vector<std::string>& command,
              const std::string& user = {}) {
  const finished done = run(command, user);
  if (done.exit_code != 0) throw std::runtime_error{std::string{step} + " failed: " + done.output};
}

}  // namespace

postgres_server::postgres_server(const postgres_options& options)
    : programs_{find_programs()},
      user_{geteuid() == 0 ? "postgres" : ""},
      settings_{options.settings} {
  take_ownership();
  options.standby_of == nullptr ? initialise() : copy(*options.standby_of);
  if (options.encrypts) {
    make_certificate();
    settings_.emplace_back("ssl=on");
    settings_.emplace_back("ssl_cert_file=" + certificate().string());
    settings_.emplace_back("ssl_key_file=" + (folder_.path() / "server.key").string());
  }
  start();
}

// The folder belongs to root, and the server runs as another user.
void postgres_server::take_ownership() const {
  if (!user_.empty()) must_run("chown", {"/bin/chown", "-R", user_, folder_.path().string()});
}

void postgres_server::initialise() const {
  must_run("initdb",
           {programs_ / "initdb", "-D", folder_.path() / "data", "-U", "postgres", "-A", "trust",
            "--locale=C", "-E", "UTF8", "--no-sync", "--no-instructions", "--wal-segsize=1"},
           user_);
}

void postgres_server::copy(const postgres_server& primary) const {
  must_run("pg_basebackup",
           {programs_ / "pg_basebackup", "-D", folder_.path() / "data", "-d",
            primary.connection_string(), "--write-recovery-conf", "--checkpoint=fast", "--no-sync"},
           user_);
}

void postgres_server::make_certificate() const {
  must_run("openssl",
           {"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
            "-keyout", folder_.path() / "server.key", "-out", certificate()},
           user_);
}

// Another program may take the free port before the server starts.
void postgres_server::start() {
  for (int attempt = 0; attempt < 3 && !server_; ++attempt) start_on(free_port());
  if (!server_) {
    throw std::runtime_error{"PostgreSQL did not start: " + read_text(folder_.path() / "log")};
  }
}

void postgres_server::start_on(int port) {
  port_ = port;
  std::vector<std::string> command{programs_ / "postgres",
                                   "-D",
                                   folder_.path() / "data",
                                   "--port=" + std::to_string(port_),
                                   "--listen_addresses=127.0.0.1",
                                   "--unix_socket_directories=",
                                   "--fsync=off",
                                   "--shared_buffers=16MB",
                                   "--max_connections=40"};
  for (const std::string& setting : settings_) command.push_back("--" + setting);
  server_ = std::make_unique<child_process>(
      command,
      child_options{.user = user_, .output = folder_.path() / "log", .stop_signal = SIGQUIT});

  if (!became_ready(*server_, [this] { return accepts_connections(); })) server_.reset();
}

// The server writes its state into this file; pg_ctl waits for it as well.
bool postgres_server::accepts_connections() const {
  const std::string state = read_text(folder_.path() / "data/postmaster.pid");
  // A standby with hot_standby off never accepts any.
  return state.find("ready") != std::string::npos || state.find("standby") != std::string::npos;
}

postgres_server& postgres_server::shared() {
  static postgres_server instance{{.settings = {"shared_preload_libraries=pg_stat_statements"}}};
  return instance;
}

std::string postgres_server::connection_string() const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " user=postgres dbname=postgres";
}

void postgres_server::crash() noexcept { server_->stop(); }

void postgres_server::kill() noexcept { server_->signal(SIGKILL); }

void postgres_server::signal_all(int number) noexcept {
  const std::string pid = std::to_string(server_->pid());
  std::istringstream children{read_text("/proc/" + pid + "/task/" + pid + "/children")};
  server_->signal(number);
  for (pid_t child = 0; children >> child;) ::kill(child, number);
}

void postgres_server::freeze() noexcept { signal_all(SIGSTOP); }

void postgres_server::resume() noexcept { signal_all(SIGCONT); }

void postgres_server::recover() {
  server_->stop();
  server_.reset();
  // Sessions of a server that was killed hold its memory until they have noticed.
  for (int attempt = 0; attempt < 50 && !server_; ++attempt) {
    if (attempt > 0) std::this_thread::sleep_for(std::chrono::milliseconds{100});
    std::filesystem::remove(folder_.path() / "data/postmaster.pid");
    start_on(port_);
  }
  if (!server_) {
    throw std::runtime_error{"PostgreSQL did not start again: " +
                             read_text(folder_.path() / "log")};
  }
}

}  // namespace querytap::testing
