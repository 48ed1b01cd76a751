#pragma once

#include <regex>
#include <string>

namespace querytap::testing {

/// Whether some part of `text` is what the regular expression `pattern` describes.
[[nodiscard]] inline bool matches(const std::string& text, const std::string& pattern) {
  return std::regex_search(text, std::regex{pattern});
}

}  // namespace querytap::testing
