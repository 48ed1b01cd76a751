#pragma once

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace querytap::detail {

/// The number at the front of `text`, as servers and drivers write it; 0 if there is none, or if it is
/// out of range. What stands behind the number is ignored.
template <class Number>
[[nodiscard]] Number leading_number(std::string_view text) noexcept {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

/// The number that the whole of `text` is; nothing if it is anything else, or out of range.
template <class Number>
[[nodiscard]] std::optional<Number> whole_number(std::string_view text) noexcept {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc{} || stopped != end) return std::nullopt;
  return value;
}

}  // namespace querytap::detail
