#include "listen_address.hpp"

#include "../../base/numbers.hpp"

#include <querytap/base/error.hpp>

#include <arpa/inet.h>

#include <optional>

namespace querytap::detail {
namespace {

bool is_numeric_address(int family, const std::string& text) {
  unsigned char binary[sizeof(in6_addr)];
  return inet_pton(family, text.c_str(), binary) == 1;
}

bool is_bracketed(std::string_view host) {
  return host.size() > 2 && host.front() == '[' && host.back() == ']';
}

bool is_loopback(std::string_view address) {
  return address == "::1" || address.starts_with("127.");
}

}  // namespace

listen_address parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto port =
      whole_number<std::uint16_t>(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  std::string host{text.substr(0, colon)};
  if (!port.has_value()) {
    throw configuration_error{"listen", text, "expected ADDRESS:PORT with a port below 65536"};
  }
  if (host == "localhost") host = "127.0.0.1";
  const bool is_ipv6 = is_bracketed(host);
  const std::string address = is_ipv6 ? host.substr(1, host.size() - 2) : host;
  if (!is_numeric_address(is_ipv6 ? AF_INET6 : AF_INET, address)) {
    throw configuration_error{"listen", text,
                              "expected a numeric address, such as 127.0.0.1:9464 or [::1]:9464"};
  }
  return {host + ':' + std::to_string(*port), address, *port, is_loopback(address)};
}

}  // namespace querytap::detail
