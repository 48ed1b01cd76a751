#include <support/pgbouncer.hpp>

#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace querytap::testing {
namespace {

constexpr const char* pgbouncer_program = "/usr/sbin/pgbouncer";

}  // namespace

pgbouncer::pgbouncer(const postgres_server& server, int sessions) {
  if (!std::filesystem::exists(pgbouncer_program)) {
    throw std::runtime_error{std::string{"no "} + pgbouncer_program +
                             ": apt-get install pgbouncer"};
  }
  // Another program may take the free port before it starts.
  for (int attempt = 0; attempt < 3 && !process_; ++attempt) start(server, sessions);
  if (!process_) {
    throw std::runtime_error{"pgbouncer did not start: " + read_text(folder_.path() / "log")};
  }
}

void pgbouncer::start(const postgres_server& server, int sessions) {
  port_ = free_port();
  const std::filesystem::path settings = folder_.path() / "pgbouncer.ini";
  std::ofstream{settings} << "[databases]\npostgres = host=127.0.0.1 port=" << server.port()
                          << " user=postgres\n"
                             "[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = "
                          << port_
                          << "\nunix_socket_dir =\nauth_type = any\npool_mode = transaction\n"
                             "default_pool_size = "
                          << sessions << "\nserver_login_retry = 1\n";
  std::filesystem::permissions(
      folder_.path(), std::filesystem::perms::others_exec | std::filesystem::perms::others_read,
      std::filesystem::perm_options::add);
  const std::filesystem::path log = folder_.path() / "log";
  process_ = std::make_unique<child_process>(std::vector<std::string>{pgbouncer_program, settings},
                                             child_options{.user = server.user(), .output = log});
  const auto is_listening = [&] {
    return read_text(log).find("listening on 127.0.0.1") != std::string::npos;
  };
  if (!became_ready(*process_, is_listening)) process_.reset();
}

std::string pgbouncer::connection_string() const {
  return "host=127.0.0.1 port=" + std::to_string(port_) + " user=postgres dbname=postgres";
}

}  // namespace querytap::testing
