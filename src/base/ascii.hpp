#pragma once

#include <algorithm>
#include <string_view>

namespace querytap::detail {

// Of ASCII alone, whatever the locale is.

[[nodiscard]] constexpr bool is_ascii_digit(char c) noexcept { return c >= '0' && c <= '9'; }
[[nodiscard]] constexpr char ascii_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}
[[nodiscard]] constexpr bool is_ascii_letter(char c) noexcept {
  return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
}
[[nodiscard]] constexpr bool is_ascii_alphanumeric(char c) noexcept {
  return is_ascii_letter(c) || is_ascii_digit(c);
}
[[nodiscard]] constexpr bool is_hex_digit(char c) noexcept {
  return is_ascii_digit(c) || (ascii_lower(c) >= 'a' && ascii_lower(c) <= 'f');
}
/// Letters, digits and underscores alone: a name that SQL does not want in quotes, unless it is a
/// keyword or begins with a digit.
[[nodiscard]] constexpr bool is_ascii_word(std::string_view text) noexcept {
  return std::ranges::all_of(text, [](char c) { return is_ascii_alphanumeric(c) || c == '_'; });
}
[[nodiscard]] constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, ascii_lower, ascii_lower);
}

}  // namespace querytap::detail
