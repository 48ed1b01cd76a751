#pragma once

#include <string_view>

namespace querytap::sqlite::detail {

/// True for `:name`, `@name`, `$name` and `?7`.
[[nodiscard]] constexpr bool is_parameter_name(std::string_view text) noexcept {
  if (text.size() < 2) return false;
  const char next = text[1];
  const bool is_digit = next >= '0' && next <= '9';
  if (text[0] == '?') return is_digit;
  const bool is_marked = text[0] == ':' || text[0] == '@' || text[0] == '$';
  const bool is_letter = (next >= 'a' && next <= 'z') || (next >= 'A' && next <= 'Z');
  return is_marked && (is_letter || is_digit || next == '_');
}

}  // namespace querytap::sqlite::detail
