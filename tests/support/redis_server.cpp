#include <support/redis_server.hpp>

#include <signal.h>

#include <filesystem>
#include <stdexcept>
#include <utility>

namespace querytap::testing {
namespace {

constexpr const char* redis_program = "/usr/bin/redis-server";

}  // namespace

redis_server::redis_server(std::vector<std::string> arguments) : arguments_{std::move(arguments)} {
  if (!std::filesystem::exists(redis_program)) {
    throw std::runtime_error{std::string{"no "} + redis_program + ": apt-get install redis-server"};
  }
  // Another program may take the free port before the server starts.
  for (int attempt = 0; attempt < 3 && !server_; ++attempt) {
    port_ = free_port();
    start();
  }
  if (!server_) {
    throw std::runtime_error{"Redis did not start: " + read_text(folder_.path() / "log")};
  }
}

void redis_server::start() {
  std::vector<std::string> command{redis_program,
                                   "--bind",
                                   "127.0.0.1",
                                   "--port",
                                   std::to_string(port_),
                                   "--unixsocket",
                                   socket(),
                                   "--dir",
                                   folder_.path().string(),
                                   "--save",
                                   "",
                                   "--appendonly",
                                   "no"};
  command.insert(command.end(), arguments_.begin(), arguments_.end());
  std::filesystem::remove(folder_.path() / "log");
  server_ = std::make_unique<child_process>(
      command, child_options{.output = folder_.path() / "log", .stop_signal = SIGKILL});

  if (!became_ready(*server_, [this] { return accepts_connections(); })) server_.reset();
}

redis_server& redis_server::shared() {
  static redis_server instance;
  return instance;
}

void redis_server::restart() {
  start();
  if (!server_) {
    throw std::runtime_error{"Redis did not start: " + read_text(folder_.path() / "log")};
  }
}

void redis_server::pause() noexcept { server_->stand_still(); }

void redis_server::resume() noexcept { server_->signal(SIGCONT); }

bool redis_server::accepts_connections() {
  // Of the socket, which it opens last.
  return read_text(folder_.path() / "log").find("ready to accept connections at " + socket()) !=
         std::string::npos;
}

}  // namespace querytap::testing
