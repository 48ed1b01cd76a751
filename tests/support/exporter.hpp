#pragma once

#include <support/child_process.hpp>
#include <support/wait.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

namespace querytap::testing {

/// One of Debian's exporters for Prometheus, on a free port of 127.0.0.1.
///
///     exporter theirs{"/usr/bin/prometheus-redis-exporter", {"-redis.addr", address}};
///     theirs.scrape().at(R"(redis_db_keys{db="db0"})");
///
/// Errors   throws std::runtime_error that names the program where it is not installed or does not start.
class exporter {
 public:
  exporter(const std::string& program, std::vector<std::string> arguments,
           const std::string& address_option = "-web.listen-address")
      : port_{free_port()} {
    if (!std::filesystem::exists(program)) {
      throw std::runtime_error{"no " + program + ": apt-get install " +
                               std::filesystem::path{program}.filename().string()};
    }
    arguments.insert(arguments.begin(), program);
    arguments.push_back(address_option);
    arguments.push_back("127.0.0.1:" + std::to_string(port_));
    process_ = std::make_unique<child_process>(arguments);
    if (!became_ready(*process_, [this] { return !get("/").empty(); })) {
      throw std::runtime_error{program + " did not start"};
    }
  }

  /// The number of each series, by its name with its labels.
  [[nodiscard]] std::map<std::string, double> scrape() const {
    std::map<std::string, double> numbers;
    const std::string page = get("/metrics");
    for (std::size_t at = 0; at < page.size();) {
      const std::size_t end = std::min(page.find('\n', at), page.size());
      const std::string line = page.substr(at, end - at);
      const std::size_t blank = line.rfind(' ');
      if (!line.starts_with('#') && blank != std::string::npos && blank + 1 < line.size()) {
        char* stopped = nullptr;
        const double number = std::strtod(line.c_str() + blank + 1, &stopped);
        if (stopped != line.c_str() + blank + 1) numbers[line.substr(0, blank)] = number;
      }
      at = end + 1;
    }
    return numbers;
  }

 private:
  /// The whole answer; empty if there is none.
  [[nodiscard]] std::string get(const std::string& path) const {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    std::string answer;
    const std::string request = "GET " + path + " HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n";
    const auto* const plain = static_cast<const void*>(&address);
    if (connect(descriptor, static_cast<const sockaddr*>(plain), sizeof address) == 0 &&
        send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
      std::array<char, 16384> bytes;
      for (ssize_t size = 0; (size = recv(descriptor, bytes.data(), bytes.size(), 0)) > 0;) {
        answer.append(bytes.data(), static_cast<std::size_t>(size));
      }
    }
    close(descriptor);
    return answer;
  }

  int port_;
  std::unique_ptr<child_process> process_;
};

}  // namespace querytap::testing
