#include <querytap/servers/host/tcp_probe.hpp>

#include "../common/expected_host.hpp"
#include "../common/measured.hpp"
#include "../common/milliseconds_left.hpp"

#include <querytap/base/error.hpp>
#include <querytap/base/human.hpp>

#include <fmt/format.h>

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace querytap {
namespace {

struct address_list_closer {
  void operator()(addrinfo* list) const noexcept { freeaddrinfo(list); }
};
using address_list = std::unique_ptr<addrinfo, address_list_closer>;

class tcp_socket {
 public:
  explicit tcp_socket(const addrinfo& address)
      : descriptor_{socket(address.ai_family, address.ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
                           address.ai_protocol)} {}
  tcp_socket(const tcp_socket&) = delete;
  tcp_socket& operator=(const tcp_socket&) = delete;
  ~tcp_socket() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

 private:
  int descriptor_;
};

address_list addresses_of(const tcp_probe_options& options) {
  addrinfo wanted{};
  wanted.ai_family = AF_UNSPEC;
  wanted.ai_socktype = SOCK_STREAM;
  wanted.ai_flags = AI_NUMERICSERV;
  addrinfo* found = nullptr;
  if (getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &wanted, &found) !=
      0) {
    throw probe_error{"the name of the host is not known"};
  }
  return address_list{found};
}

/// 0 once it is connected, else the number of the error.
int connect_error(const addrinfo& address, health_probe::deadline until) {
  const tcp_socket made{address};
  if (made.descriptor() < 0) return errno;
  if (connect(made.descriptor(), address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waiting{made.descriptor(), POLLOUT, 0};
  for (;;) {
    const int ready = poll(&waiting, 1, detail::milliseconds_left(until));
    if (ready > 0) break;
    if (ready == 0 && std::chrono::steady_clock::now() >= until) return ETIMEDOUT;
    if (ready < 0 && errno != EINTR) return errno;
  }
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(made.descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error;
}

/// The time that is left, in equal shares for this address and those behind it.
health_probe::deadline share_of_time(const addrinfo& address, health_probe::deadline until) {
  int left = 0;
  for (const addrinfo* each = &address; each != nullptr; each = each->ai_next) ++left;
  const auto start = std::chrono::steady_clock::now();
  return until <= start ? until : start + (until - start) / left;
}

std::string reason_of_connect(int error, std::uint16_t port) {
  switch (error) {
    case ECONNREFUSED: return fmt::format("nothing listens on port {}: it is refused", port);
    case ETIMEDOUT: return fmt::format("port {} did not answer in time", port);
    case EHOSTUNREACH:
    case ENETUNREACH: return "there is no way to the host";
    default: return fmt::format("no connection to port {}: error {}", port, error);
  }
}

}  // namespace

tcp_probe::tcp_probe(tcp_probe_options options) : options_{std::move(options)} {
  detail::expect_host(options_.host);
  if (options_.port == 0) throw configuration_error{"port", "0", "expected 1 to 65535"};
}

health_answer tcp_probe::look(deadline until) {
  const auto start = std::chrono::steady_clock::now();
  const address_list addresses = addresses_of(options_);
  int error = ETIMEDOUT;
  for (const addrinfo* address = addresses.get(); address != nullptr; address = address->ai_next) {
    error = connect_error(*address, share_of_time(*address, until));
    if (error == 0) break;
  }
  if (error != 0) throw probe_error{reason_of_connect(error, options_.port)};
  const std::chrono::nanoseconds took = std::chrono::steady_clock::now() - start;
  return {{detail::measured("connect_time", std::chrono::duration<double>{took}.count(), "s",
                            {.warn = std::chrono::duration<double>{options_.slow}.count()},
                            "a connection took " + human_duration(took),
                            "look at the load of the server and of the network")}};
}

}  // namespace querytap
