#include <rag_chatbot/service/address.hpp>

#include <fmt/format.h>

#include <charconv>
#include <stdexcept>

namespace rag_chatbot {
namespace {

std::uint16_t parse_port(std::string_view digits, std::string_view whole) {
  std::uint16_t port = 0;
  const char* const end = digits.data() + digits.size();
  const auto [stop, error] = std::from_chars(digits.data(), end, port);
  if (digits.empty() || error != std::errc{} || stop != end) {
    throw std::invalid_argument{fmt::format("'{}': the port must be 0 to 65535", whole)};
  }
  return port;
}

std::string_view without_brackets(std::string_view host) {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

}  // namespace

address parse_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) {
    throw std::invalid_argument{fmt::format("'{}' is not HOST:PORT", text)};
  }
  return {std::string{without_brackets(text.substr(0, colon))},
          parse_port(text.substr(colon + 1), text)};
}

std::string to_string(const address& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", address.host, address.port)
                 : fmt::format("{}:{}", address.host, address.port);
}

}  // namespace rag_chatbot
