#pragma once

#include <string>
#include <string_view>

namespace querytap::testing {

/// `text` without any occurrence of `part`: for labels that are the same on every line.
[[nodiscard]] inline std::string without(std::string text, std::string_view part) {
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string::npos;) {
    text.erase(at, part.size());
  }
  return text;
}

/// Each line of `text` up to `end`, for lines whose rest does not matter to the test.
[[nodiscard]] inline std::string lines_up_to(std::string_view end, std::string text) {
  for (std::size_t at = 0; (at = text.find(end, at)) != std::string::npos;) {
    text.erase(at, text.find('\n', at) - at);
  }
  return text;
}

}  // namespace querytap::testing
