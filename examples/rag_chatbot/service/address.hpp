#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rag_chatbot {

struct address {
  std::string host;
  std::uint16_t port = 0;

  friend bool operator==(const address&, const address&) = default;
};

/// Reads "HOST:PORT" or "[::1]:PORT". Throws std::invalid_argument.
[[nodiscard]] address parse_address(std::string_view text);

[[nodiscard]] std::string to_string(const address& address);

}  // namespace rag_chatbot
