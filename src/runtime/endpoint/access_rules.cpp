#include "access_rules.hpp"

#include "../../base/numbers.hpp"

#include <querytap/base/error.hpp>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

namespace querytap::detail {
namespace {

constexpr unsigned mapped_bits = 96;  // before the IPv4 address in ::ffff:a.b.c.d
using address_bytes = std::array<std::uint8_t, 16>;

address_bytes ipv6_mapped(const void* ipv4) noexcept {
  address_bytes bytes{};
  bytes[10] = bytes[11] = 0xFF;
  std::memcpy(&bytes[12], ipv4, 4);
  return bytes;
}

std::string base64_encoded(std::string_view text) {
  constexpr std::string_view letters =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string result;
  for (std::size_t i = 0; i < text.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = i; j < i + 3; ++j) {
      group = group << 8U | (j < text.size() ? static_cast<std::uint8_t>(text[j]) : 0U);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      const bool padding = i + j > text.size();
      result += padding ? '=' : letters[group >> (18 - 6 * j) & 0x3FU];
    }
  }
  return result;
}

// Compares all of `given`, whatever its content: the time gives away nothing of `expected` except its size.
bool equal_in_constant_time(std::string_view given, std::string_view expected) noexcept {
  std::size_t difference = given.size() ^ expected.size();
  for (std::size_t i = 0; i < given.size(); ++i) {
    difference |= static_cast<std::uint8_t>(given[i] ^ expected[i % expected.size()]);
  }
  return difference == 0;
}

// The name of the scheme may be in any case: `Bearer` and `Basic` are expected.
std::string with_canonical_scheme(std::string_view header) {
  const std::size_t end = std::min(header.find(' '), header.size());
  std::string result{header};
  for (std::size_t i = 0; i < end; ++i) {
    const bool upper = result[i] >= 'A' && result[i] <= 'Z';
    const bool lower = result[i] >= 'a' && result[i] <= 'z';
    if (i == 0 ? lower : upper) result[i] = static_cast<char>(result[i] ^ ('a' ^ 'A'));
  }
  return result;
}

}  // namespace

network::network(std::string_view text) {
  const std::size_t slash = std::min(text.find('/'), text.size());
  const std::string address{text.substr(0, slash)};
  in_addr ipv4{};
  const bool is_ipv4 = inet_pton(AF_INET, address.c_str(), &ipv4) == 1;
  if (is_ipv4) {
    bytes_ = ipv6_mapped(&ipv4);
  } else if (inet_pton(AF_INET6, address.c_str(), bytes_.data()) != 1) {
    throw configuration_error{"allowed_addresses", text,
                              "expected an address or a network, such as 10.0.0.0/8 or ::1"};
  }
  const unsigned most = is_ipv4 ? 32 : 128;
  bits_ = most;
  if (slash != text.size()) {
    bits_ = whole_number<unsigned>(std::string_view{text}.substr(slash + 1)).value_or(most + 1);
    if (bits_ > most) {
      throw configuration_error{"allowed_addresses", text,
                                "expected at most as many bits as an address has, after the '/'"};
    }
  }
  if (is_ipv4) bits_ += mapped_bits;
}

bool network::contains(const sockaddr& address) const noexcept {
  address_bytes other{};
  if (address.sa_family == AF_INET) {
    other = ipv6_mapped(&reinterpret_cast<const sockaddr_in&>(address).sin_addr);
  } else if (address.sa_family == AF_INET6) {
    std::memcpy(other.data(), &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr,
                other.size());
  } else {
    return false;
  }
  for (unsigned bit = 0; bit < bits_; ++bit) {
    const unsigned mask = 0x80U >> bit % 8;
    if ((bytes_[bit / 8] & mask) != (other[bit / 8] & mask)) return false;
  }
  return true;
}

access_rules::access_rules(const std::vector<std::string>& allowed_addresses,
                           std::string_view bearer_token, std::string_view user,
                           std::string_view password)
    : allowed_{allowed_addresses.begin(), allowed_addresses.end()}, has_password_{!user.empty()} {
  if (!bearer_token.empty()) expected_.push_back("Bearer " + std::string{bearer_token});
  if (has_password_) {
    expected_.push_back("Basic " + base64_encoded(std::string{user} + ':' + std::string{password}));
  }
}

bool access_rules::may_connect(const sockaddr& address) const noexcept {
  return allowed_.empty() || std::ranges::any_of(allowed_, [&](const network& allowed) {
           return allowed.contains(address);
         });
}

bool access_rules::accepts(std::string_view authorization) const {
  const std::string given = with_canonical_scheme(authorization);
  bool accepted = false;
  for (const std::string& expected : expected_) {
    accepted |= equal_in_constant_time(given, expected);
  }
  return accepted;
}

std::string_view access_rules::challenge() const noexcept {
  return has_password_ ? "Basic realm=\"metrics\", charset=\"UTF-8\"" : "Bearer realm=\"metrics\"";
}

}  // namespace querytap::detail
