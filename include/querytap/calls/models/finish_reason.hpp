#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap {

/// Why a model stopped.
enum class finish_reason : std::uint8_t { stop, length, tool_calls, content_filter, other };

inline constexpr std::size_t finish_reasons = 5;

[[nodiscard]] constexpr std::string_view to_string(finish_reason reason) noexcept {
  constexpr std::array<std::string_view, finish_reasons> names{"stop", "length", "tool_calls",
                                                               "content_filter", "other"};
  return names[static_cast<std::size_t>(reason)];
}

}  // namespace querytap
