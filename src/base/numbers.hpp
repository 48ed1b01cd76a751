#pragma once

#include <charconv>
#include <string_view>

namespace querytap::detail {

/// The number at the front of `text`, as servers and drivers write it; 0 if there is none, or if it is
/// out of range. What stands behind the number is ignored.
template <class Number>
[[nodiscard]] Number leading_number(std::string_view text) noexcept {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

}  // namespace querytap::detail
