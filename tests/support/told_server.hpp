#pragma once

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace querytap::testing {

/// Answers its one client with these bytes, one answer for each time that it sends something, and closes
/// then, or never says more.
class told_server {
 public:
  enum class afterwards { close, silence };

  explicit told_server(std::string answer, afterwards then = afterwards::close)
      : told_server{std::vector<std::string>{std::move(answer)}, then} {}
  explicit told_server(std::vector<std::string> answers, afterwards then = afterwards::close)
      : listening_{socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    if (bind(listening_, generic, size) != 0 || listen(listening_, 1) != 0 ||
        getsockname(listening_, generic, &size) != 0) {
      throw std::runtime_error{"told_server cannot listen on 127.0.0.1"};
    }
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this, then, answers = std::move(answers)] { serve(answers, then); }};
  }
  told_server(const told_server&) = delete;
  told_server& operator=(const told_server&) = delete;
  ~told_server() {
    shutdown(listening_, SHUT_RDWR);
    // ORDER seq_cst, as it is a test. A client that a failed test has left behind does not hold it up.
    if (const int client = client_; client >= 0) shutdown(client, SHUT_RDWR);
    thread_.join();
    if (client_ >= 0) close(client_);
    close(listening_);
  }

  [[nodiscard]] int port() const noexcept { return port_; }

 private:
  void serve(const std::vector<std::string>& answers, afterwards then) {
    const int client = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    client_ = client;
    if (client < 0) return;
    char buffer[4096];
    for (const std::string& answer : answers) {
      if (recv(client, buffer, sizeof buffer, 0) <= 0) break;
      static_cast<void>(send(client, answer.data(), answer.size(), MSG_NOSIGNAL));
    }
    // Until the client is gone.
    while (then == afterwards::silence && recv(client, buffer, sizeof buffer, 0) > 0) {
    }
    shutdown(client, SHUT_RDWR);
  }

  const int listening_;
  int port_ = 0;
  std::atomic<int> client_{-1};
  std::thread thread_;
};

}  // namespace querytap::testing
