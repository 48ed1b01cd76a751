#pragma once

#include <querytap/base/error.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <string>
#include <string_view>

namespace querytap::detail {

/// With or without brackets and the name of an interface.
[[nodiscard]] inline bool is_ipv6_address(std::string_view text) {
  if (text.starts_with('[') && text.ends_with(']')) text = text.substr(1, text.size() - 2);
  const std::string address{text.substr(0, text.find('%'))};
  in6_addr parsed{};
  return inet_pton(AF_INET6, address.c_str(), &parsed) == 1;
}

/// A colon stands in front of a port or behind a user, unless the text is an IPv6 address.
[[nodiscard]] inline bool is_host(std::string_view text) {
  constexpr std::string_view never_in_hosts = "@/?#, \t\n";
  if (text.empty() || text.find_first_of(never_in_hosts) != std::string_view::npos) return false;
  return text.find(':') == std::string_view::npos || is_ipv6_address(text);
}

/// The path of a socket, or of the folder that it is in.
[[nodiscard]] inline bool is_socket_path(std::string_view text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../");
}

/// Throws configuration_error for what is no name or address of one host: with a whole URL in its place, a user and a
/// password would stand in labels. The text is not quoted.
inline void expect_host(std::string_view host, std::string_view option = "host") {
  if (is_host(host)) return;
  throw configuration_error{
      option, host.empty() ? "" : "(not shown)",
      "expected the name or address of one host, without a scheme, user, port or path"};
}

/// The same of what stands in labels instead of a host: the path of a socket.
inline void expect_socket_path(std::string_view path) {
  if (is_socket_path(path)) return;
  throw configuration_error{"unix_socket", "(not shown)",
                            "expected the path of a socket, such as /run/server.sock"};
}

}  // namespace querytap::detail
