#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::testing {

/// The messages of a delimited protobuf body, each without its length.
///
/// Errors   std::runtime_error if the last one is cut short.
[[nodiscard]] inline std::vector<std::string> split_delimited(std::string_view body) {
  std::vector<std::string> messages;
  while (!body.empty()) {
    std::size_t size = 0;
    for (int shift = 0;; shift += 7) {
      if (body.empty()) throw std::runtime_error{"a length is cut short"};
      const auto byte = static_cast<unsigned char>(body.front());
      body.remove_prefix(1);
      size |= static_cast<std::size_t>(byte & 0x7FU) << shift;
      if (byte < 0x80) break;
    }
    if (size > body.size()) throw std::runtime_error{"a message is cut short"};
    messages.emplace_back(body.substr(0, size));
    body.remove_prefix(size);
  }
  return messages;
}

}  // namespace querytap::testing
