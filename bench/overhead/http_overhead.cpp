// How much longer a GET takes because it is measured: over loopback and an open connection, from a server
// in a process of its own that always gives the same answer; by libcurl alone, by libcurl with an
// http::observation, by http::transport, which records nothing, and by http::client. The figure is wall
// time, since the caller waits for another process.
//
//     http_overhead --rounds=20000 --out=http.json

#include "../support/contest.hpp"
#include "../support/options.hpp"

#include <querytap/decorators/http.hpp>
#include <querytap/decorators/http/observation.hpp>
#include <querytap/recording/recorder.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace querytap;

constexpr std::string_view answer =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 100\r\n\r\n"
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123"
    "456789";

/// Answers each segment that arrives: a request of a benchmark is one. One process for all connections,
/// so that where the kernel runs it is the same for all contenders.
[[noreturn]] void serve(int listening) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::vector<pollfd> sockets{{listening, POLLIN, 0}};
  std::array<char, 4096> request;
  while (poll(sockets.data(), sockets.size(), -1) > 0) {
    for (std::size_t i = sockets.size(); i-- > 1;) {
      if (sockets[i].revents == 0) continue;
      const bool is_open = recv(sockets[i].fd, request.data(), request.size(), 0) > 0;
      if (is_open && send(sockets[i].fd, answer.data(), answer.size(), MSG_NOSIGNAL) > 0) continue;
      close(sockets[i].fd);
      sockets.erase(sockets.begin() + static_cast<std::ptrdiff_t>(i));
    }
    if (sockets[0].revents == 0) continue;
    const int connection = accept(listening, nullptr, nullptr);
    const int on = 1;
    setsockopt(connection, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockets.push_back({connection, POLLIN, 0});
  }
  _exit(1);
}

class local_server {
 public:
  local_server() {
    const int listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    if (bind(listening, generic, size) != 0 || listen(listening, 16) != 0 ||
        getsockname(listening, generic, &size) != 0) {
      throw std::runtime_error{"cannot listen on 127.0.0.1"};
    }
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    child_ = fork();
    if (child_ == 0) serve(listening);
    close(listening);
  }
  local_server(const local_server&) = delete;
  local_server& operator=(const local_server&) = delete;
  ~local_server() {
    kill(child_, SIGKILL);
    waitpid(child_, nullptr, 0);
  }

  [[nodiscard]] const std::string& url() const noexcept { return url_; }

 private:
  std::string url_;
  pid_t child_ = 0;
};

std::size_t append(char* data, std::size_t, std::size_t size, void* body) {
  static_cast<std::string*>(body)->append(data, size);
  return size;
}

/// What an application without querytap has: a handle that it uses again and again.
class bare_handle {
 public:
  explicit bare_handle(const std::string& url) : easy_{curl_easy_init(), curl_easy_cleanup} {
    curl_easy_setopt(easy_.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(easy_.get(), CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEFUNCTION, append);
    curl_easy_setopt(easy_.get(), CURLOPT_WRITEDATA, &body_);
  }
  [[nodiscard]] CURL* easy() const noexcept { return easy_.get(); }
  CURLcode perform() {
    body_.clear();
    return curl_easy_perform(easy_.get());
  }

 private:
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy_;
  std::string body_;
};

void require(bool good) {
  if (!good) throw std::runtime_error{"the server does not answer"};
}

void measure(std::size_t rounds, const std::string& file) {
  const local_server server;
  recorder telemetry{{.service_name = "bench"}};
  const http::service service{telemetry, server.url()};
  const http::client client{telemetry, server.url()};
  const http::transport& transport = client.transport();
  const std::string url = server.url() + "/documents/7";
  bare_handle handle{url};

  bench::contest overhead{"overhead/http", {.calls = 2}, bench::wall_time};
  overhead.add("bare", [&](std::size_t calls) {
    for (; calls > 0; --calls) require(handle.perform() == CURLE_OK);
  });
  overhead.add("observation", [&](std::size_t calls) {
    for (; calls > 0; --calls) {
      http::observation call{service, handle.easy(), "GET", "/documents/{id}"};
      const CURLcode result = handle.perform();
      call.ended(result);
      require(result == CURLE_OK);
    }
  });
  overhead.add("transport", [&](std::size_t calls) {
    for (; calls > 0; --calls) require(transport.send({.url = url}).ok());
  });
  overhead.add("querytap", [&](std::size_t calls) {
    for (; calls > 0; --calls) require(client.get("/documents/{id}", {.path = {"7"}}).ok());
  });
  overhead.run(rounds);
  overhead.print();
  overhead.write(file);
}

}  // namespace

int main(int argc, char** argv) try {
  bench::refuse_others(argc, argv, {"rounds", "out"});
  measure(std::stoul(bench::option(argc, argv, "rounds", "20000")),
          bench::option(argc, argv, "out", ""));
} catch (const std::exception& failure) {
  std::fprintf(stderr, "http_overhead: %s\n", failure.what());
  return 1;
}
