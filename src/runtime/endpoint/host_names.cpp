#include "host_names.hpp"

#include "../../base/ascii.hpp"
#include "access_rules.hpp"

#include <querytap/base/error.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <optional>

namespace querytap::detail {
namespace {

bool is_host_character(char c) noexcept {
  return (c >= 'a' && c <= 'z') || is_ascii_digit(c) || c == '-' || c == '.' || c == '_';
}

bool is_port_number(std::string_view text) noexcept {
  return std::ranges::all_of(text, is_ascii_digit);
}

std::optional<std::string> canonical_address(int family, const std::string& text) {
  unsigned char binary[sizeof(in6_addr)];
  if (inet_pton(family, text.c_str(), binary) != 1) return std::nullopt;
  char written[INET6_ADDRSTRLEN] = {};
  inet_ntop(family, binary, written, sizeof written);
  return written;
}

// In one form, whatever the case; none for what is not the name or address of a host.
std::optional<std::string> canonical_host(std::string_view text) {
  std::string host{text};
  std::ranges::transform(host, host.begin(), ascii_lower);
  if (host.starts_with('[') && host.ends_with(']')) {
    return canonical_address(AF_INET6, host.substr(1, host.size() - 2));
  }
  if (host.ends_with('.')) host.pop_back();  // the same name, from the root
  if (host.empty() || !std::ranges::all_of(host, is_host_character)) return std::nullopt;
  return host;
}

// Without its port; none if there is something else behind the host.
std::optional<std::string> host_in_header(std::string_view header) {
  const auto bracket = header.rfind(']');
  const auto colon = header.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == std::string_view::npos) return canonical_host(header);
  if (!is_port_number(header.substr(colon + 1))) return std::nullopt;
  return canonical_host(header.substr(0, colon));
}

bool is_name_of_loopback(const std::string& host) {
  if (host == "localhost" || host == "::1") return true;
  static const network loopback{"127.0.0.0/8"};  // mapped into IPv6, too
  sockaddr_in ipv4{};
  ipv4.sin_family = AF_INET;
  if (inet_pton(AF_INET, host.c_str(), &ipv4.sin_addr) == 1) {
    return loopback.contains(reinterpret_cast<const sockaddr&>(ipv4));
  }
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  return inet_pton(AF_INET6, host.c_str(), &ipv6.sin6_addr) == 1 &&
         loopback.contains(reinterpret_cast<const sockaddr&>(ipv6));
}

}  // namespace

host_names::host_names(const std::vector<std::string>& allowed,
                       std::string_view listening_address) {
  for (const std::string& text : allowed) {
    auto name = canonical_host(text);
    if (!name) name = canonical_address(AF_INET6, text);
    if (!name) {
      throw configuration_error{"allowed_hosts", text,
                                "expected the name or address of a host, without a port"};
    }
    names_.push_back(*std::move(name));
  }
  const std::string listening{listening_address};
  names_.push_back(canonical_address(AF_INET6, listening).value_or(listening));
}

bool host_names::has(std::string_view header) const {
  const auto host = host_in_header(header);
  return host && (is_name_of_loopback(*host) || std::ranges::count(names_, *host) != 0);
}

std::string_view forwarding_header(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 11> known{"Forwarded",
                                                   "X-Forwarded-*",
                                                   "Via",
                                                   "X-Real-IP",
                                                   "X-Client-IP",
                                                   "X-Cluster-Client-IP",
                                                   "True-Client-IP",
                                                   "CF-Connecting-IP",
                                                   "Fastly-Client-IP",
                                                   "X-Original-Host",
                                                   "X-Envoy-External-Address"};
  const auto is_called = [&](std::string_view header) {
    const bool is_family = header.ends_with('*');
    if (is_family)
      header.remove_suffix(2);  // X-Forwarded-For, -Host, -Proto, …, and X-Forwarded itself
    const std::string_view compared = is_family ? name.substr(0, header.size()) : name;
    return equal_ignoring_case(compared, header);
  };
  const auto found = std::ranges::find_if(known, is_called);
  return found == known.end() ? std::string_view{} : *found;
}

}  // namespace querytap::detail
