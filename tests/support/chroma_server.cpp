#include <support/chroma_server.hpp>

#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

namespace querytap::testing {
namespace {

constexpr std::string_view bindings = QUERYTAP_CHROMA_MODULES "/chromadb-js-bindings-linux-x64-gnu";

bool listens(int port) {
  const int probe = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const bool connected =
      connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(probe);
  return connected;
}

}  // namespace

chroma_server::chroma_server() {
  if (!std::filesystem::exists(bindings)) {
    throw std::runtime_error{"no " + std::string{bindings} +
                             ": install_node_packages tests/node_chroma build/node_chroma, of "
                             "examples/set_up.sh"};
  }
  // Another program may take the free port before the server starts.
  for (int attempt = 0; attempt < 3 && !server_; ++attempt) {
    port_ = free_port();
    start();
  }
  if (!server_)
    throw std::runtime_error{"Chroma did not start: " + read_text(folder_.path() / "log")};
}

// It stops for nothing but SIGKILL in every version, and loses nothing by it.
void chroma_server::start() {
  const std::string program = "require('" + std::string{bindings} +
                              "').cli(['chroma', 'run', '--host', '127.0.0.1', '--port', '" +
                              std::to_string(port_) + "', '--path', '" +
                              (folder_.path() / "data").string() + "'])";
  server_ = std::make_unique<child_process>(
      std::vector<std::string>{"/usr/bin/node", "-e", program},
      child_options{.output = folder_.path() / "log", .stop_signal = SIGKILL});
  if (!became_ready(*server_, [this] { return listens(port_); })) server_.reset();
}

chroma_server& chroma_server::shared() {
  static chroma_server instance;
  return instance;
}

void chroma_server::restart() {
  server_.reset();
  start();
  if (!server_) throw std::runtime_error{"Chroma did not start again"};
}

void chroma_server::pause() noexcept { server_->stand_still(); }

void chroma_server::resume() noexcept { server_->signal(SIGCONT); }

}  // namespace querytap::testing
