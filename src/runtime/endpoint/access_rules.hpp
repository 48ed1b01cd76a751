#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

struct sockaddr;

namespace querytap::detail {

/// Addresses that share their first bits: `10.0.0.0/8`, `::1`.
class network {
 public:
  /// Errors   configuration_error if `text` is no address, or has more bits than one.
  explicit network(std::string_view text);

  /// An IPv4 address that came over IPv6 counts as IPv4.
  [[nodiscard]] bool holds(const sockaddr& address) const noexcept;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // IPv4 as ::ffff:a.b.c.d
  unsigned bits_ = 0;
};

/// Who may connect to an endpoint, and what a request must show.
///
/// Threads  immutable.
class access_rules {
 public:
  access_rules(const std::vector<std::string>& allowed_addresses, std::string_view bearer_token,
               std::string_view user, std::string_view password);

  [[nodiscard]] bool may_connect(const sockaddr& address) const noexcept;

  /// True if there is a token or a password to show.
  [[nodiscard]] bool asks() const noexcept { return !expected_.empty(); }
  /// Whether an `Authorization` header shows one of them. Takes as long for a wrong one as for the
  /// right one.
  [[nodiscard]] bool accepts(std::string_view authorization) const;
  /// What to answer with 401: the value of `WWW-Authenticate`.
  [[nodiscard]] std::string_view challenge() const noexcept;

 private:
  std::vector<network> allowed_;       // empty: everyone
  std::vector<std::string> expected_;  // whole headers
  bool basic_ = false;
};

}  // namespace querytap::detail
