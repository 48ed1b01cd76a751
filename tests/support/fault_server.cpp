#include <support/fault_server.hpp>

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <optional>
#include <stdexcept>

namespace querytap::testing {
namespace {

bool read_more(int connection, std::string& buffered) {
  char buffer[65536];
  const ssize_t size = recv(connection, buffer, sizeof buffer, 0);
  if (size > 0) buffered.append(buffer, static_cast<std::size_t>(size));
  return size > 0;
}

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

received_request parse_head(const std::string& head) {
  received_request request;
  const auto path = head.find(' ') + 1;
  request.method = head.substr(0, path - 1);
  request.path = head.substr(path, head.find(' ', path) - path);
  for (auto begin = head.find("\r\n") + 2; begin < head.size();) {
    const auto end = head.find("\r\n", begin);
    const auto colon = head.find(": ", begin);
    if (colon < end) {
      request.headers[lower(head.substr(begin, colon - begin))] =
          head.substr(colon + 2, end - colon - 2);
    }
    begin = end + 2;
  }
  return request;
}

// Leaves the bytes behind the request in `buffer`.
std::optional<received_request> read_request(int connection, std::string& buffer) {
  std::size_t end = 0;
  while ((end = buffer.find("\r\n\r\n")) == std::string::npos) {
    if (!read_more(connection, buffer)) return std::nullopt;
  }
  received_request request = parse_head(buffer.substr(0, end + 2));
  const std::string& length = request.headers["content-length"];
  const std::size_t size = length.empty() ? 0 : std::stoul(length);
  while (buffer.size() < end + 4 + size) {
    if (!read_more(connection, buffer)) return std::nullopt;
  }
  request.body = buffer.substr(end + 4, size);
  buffer.erase(0, end + 4 + size);
  return request;
}

void send_all(int connection, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t size = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(size));
  }
}

}  // namespace

fault reply(int status, std::string_view headers, std::string_view body) {
  return {.bytes = "HTTP/1.1 " + std::to_string(status) + " As Told\r\n" + std::string{headers} +
                   "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                   std::string{body}};
}

fault_server::fault_server(std::vector<fault> faults) : faults_{std::move(faults)} {
  listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (bind(listening_, generic, size) != 0 || listen(listening_, 64) != 0 ||
      getsockname(listening_, generic, &size) != 0) {
    throw std::runtime_error{"fault_server cannot listen on 127.0.0.1"};
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::thread{[this] { accept_all(); }};
}

fault_server::~fault_server() {
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    for (const int connection : connections_) shutdown(connection, SHUT_RDWR);
    shutdown(listening_, SHUT_RDWR);
  }
  changed_.notify_all();
  accepting_.join();
  {
    const std::lock_guard lock{mutex_};
    threads.swap(threads_);
  }
  for (std::thread& thread : threads) thread.join();
  close(listening_);
}

std::string fault_server::url() const { return "http://127.0.0.1:" + std::to_string(port_); }

std::vector<received_request> fault_server::requests() const {
  const std::lock_guard lock{mutex_};
  return requests_;
}

std::vector<received_request> fault_server::wait_for(std::size_t count) const {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, std::chrono::seconds{10}, [&] { return requests_.size() >= count; });
  return requests_;
}

void fault_server::accept_all() {
  while (true) {
    const int connection = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock{mutex_};
    if (stopping_ || connection < 0) {
      if (connection >= 0) close(connection);
      return;
    }
    connections_.push_back(connection);
    threads_.emplace_back([this, connection, number = accepted_++] { serve(connection, number); });
  }
}

void fault_server::serve(int connection, std::size_t number) {
  std::string buffer;
  while (auto request = read_request(connection, buffer)) {
    request->connection = number;
    const fault fault = next(std::move(*request));
    act(connection, fault);
    if (fault.action == fault::kind::close || fault.action == fault::kind::reset || fault.closes) {
      break;
    }
  }
  const std::lock_guard lock{mutex_};
  std::erase(connections_, connection);
  close(connection);
}

fault fault_server::next(received_request request) {
  fault fault;
  {
    const std::lock_guard lock{mutex_};
    fault = faults_[std::min(requests_.size(), faults_.size() - 1)];
    requests_.push_back(std::move(request));
  }
  changed_.notify_all();
  return fault;
}

void fault_server::act(int connection, const fault& fault) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, fault.after, [this] { return stopping_; });
  if (fault.action == fault::kind::black_hole) changed_.wait(lock, [this] { return stopping_; });
  lock.unlock();
  if (fault.action == fault::kind::answer) {
    send_all(connection, fault.bytes);
    for (const fault::part& part : fault.more) {
      lock.lock();
      changed_.wait_for(lock, part.after, [this] { return stopping_; });
      lock.unlock();
      send_all(connection, part.bytes);
    }
  }
  if (fault.action == fault::kind::reset) {
    const linger at_once{.l_onoff = 1, .l_linger = 0};
    setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  }
}

}  // namespace querytap::testing
