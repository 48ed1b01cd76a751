#include "systemd_notifier.hpp"

#include "../../base/numbers.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace querytap::detail {
namespace {

std::string variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string{} : value;
}

}  // namespace

systemd_notifier::systemd_notifier() : socket_{variable("NOTIFY_SOCKET")} {
  sockaddr_un address{};
  const bool is_usable = socket_.size() > 1 && socket_.size() < sizeof address.sun_path &&
                         (socket_.front() == '/' || socket_.front() == '@');
  if (!is_usable) {
    socket_.clear();
    return;
  }
  const std::string process = variable("WATCHDOG_PID");
  if (!process.empty() && whole_number<pid_t>(process) != getpid()) return;
  const auto limit = whole_number<std::int64_t>(variable("WATCHDOG_USEC"));
  if (limit.has_value() && *limit > 0) watchdog_ = std::chrono::microseconds{*limit};
}

void systemd_notifier::send(std::string_view state) const noexcept {
  if (socket_.empty()) return;
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, socket_.data(), socket_.size());
  if (address.sun_path[0] == '@') address.sun_path[0] = '\0';  // a name without a file
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  static_cast<void>(sendto(descriptor, state.data(), state.size(), MSG_DONTWAIT | MSG_NOSIGNAL,
                           reinterpret_cast<const sockaddr*>(&address), size));
  close(descriptor);
}

}  // namespace querytap::detail
