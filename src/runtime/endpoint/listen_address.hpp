#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// An address to listen on, parsed and validated.
struct listen_address {
  std::string text;  ///< ADDRESS:PORT with `localhost` resolved
  std::string host;  ///< the address alone, without brackets
  std::uint16_t port;
  bool is_loopback;
};

/// Errors   configuration_error if `text` is not ADDRESS:PORT with a numeric address or
///          `localhost`.
[[nodiscard]] listen_address parse_listen_address(std::string_view text);

}  // namespace querytap::detail
