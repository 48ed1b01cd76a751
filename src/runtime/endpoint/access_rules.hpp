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
  /// Errors   configuration_error if `text` is not an address, or has more bits than an address.
  explicit network(std::string_view text);

  /// An IPv4 address mapped into IPv6 counts as IPv4.
  [[nodiscard]] bool contains(const sockaddr& address) const noexcept;

 private:
  std::array<std::uint8_t, 16> bytes_{};  // IPv4 as ::ffff:a.b.c.d
  unsigned bits_ = 0;
};

/// Which addresses may connect to an endpoint, and the credentials that a request needs.
///
/// Threads  immutable.
class access_rules {
 public:
  access_rules(const std::vector<std::string>& allowed_addresses, std::string_view bearer_token,
               std::string_view user, std::string_view password);

  [[nodiscard]] bool may_connect(const sockaddr& address) const noexcept;

  /// Whether there is a token or a password.
  [[nodiscard]] bool need_credentials() const noexcept { return !expected_.empty(); }
  /// Whether an `Authorization` header has one of them. Takes as long for a wrong header as for a right one.
  [[nodiscard]] bool accepts(std::string_view authorization) const;
  /// The value of `WWW-Authenticate` in an answer 401.
  [[nodiscard]] std::string_view challenge() const noexcept;

 private:
  std::vector<network> allowed_;       // empty: all
  std::vector<std::string> expected_;  // whole values of the header
  bool has_password_ = false;
};

}  // namespace querytap::detail
