#pragma once

#include <span>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Each text behind its length, so that values which read the same when joined differ here.
[[nodiscard]] inline std::string joined_with_lengths(std::span<const std::string_view> texts) {
  std::string joined;
  for (const std::string_view text : texts) {
    joined += std::to_string(text.size());
    joined += ':';
    joined += text;
  }
  return joined;
}

}  // namespace querytap::detail
