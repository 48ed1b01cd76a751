#include <support/pglite_server.hpp>

#include <signal.h>

#include <filesystem>
#include <stdexcept>

namespace querytap::testing {

pglite_server::pglite_server(const std::string& node_modules) {
  const std::string program = node_modules + "/@electric-sql/pglite-socket/dist/scripts/server.js";
  if (!std::filesystem::exists(program)) {
    throw std::runtime_error{"no " + program + ": install the packages of tests/node"};
  }
  const auto log = folder_.path() / "log";
  const auto is_ready = [&] { return read_text(log).find("istening") != std::string::npos; };
  // Another program may take the free port before the server starts.
  for (int attempt = 0; attempt < 3 && !server_; ++attempt) {
    port_ = free_port();
    server_ = std::make_unique<child_process>(
        std::vector<std::string>{"/usr/bin/env", "node", program, "-d", "memory://", "-p",
                                 std::to_string(port_), "-h", "127.0.0.1", "-e",
                                 "@electric-sql/pglite-pgvector:vector", "-m", "4"},
        child_options{.output = log, .stop_signal = SIGKILL});
    if (!became_ready(*server_, is_ready)) server_.reset();
  }
  if (!server_) throw std::runtime_error{"PGlite did not start: " + read_text(log)};
}

std::string pglite_server::connection_string() const {
  return "host=127.0.0.1 dbname=postgres user=postgres sslmode=disable port=" +
         std::to_string(port_);
}

}  // namespace querytap::testing
