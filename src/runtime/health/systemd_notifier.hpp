#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Tells systemd how a service is, by a datagram to the socket that it names in the environment.
///
/// Threads  one.
/// Errors   what cannot be sent is lost: a watchdog that hears nothing acts by itself.
/// Source   sd_notify(3), sd_watchdog_enabled(3).
class systemd_notifier {
 public:
  /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID.
  systemd_notifier();

  /// The longest time between two signs of life; none are wanted where there is none.
  [[nodiscard]] std::optional<std::chrono::microseconds> watchdog() const noexcept {
    return watchdog_;
  }
  /// Such as `READY=1`.
  void send(std::string_view state) const noexcept;

 private:
  std::string socket_;  // empty: nobody listens
  std::optional<std::chrono::microseconds> watchdog_;
};

}  // namespace querytap::detail
