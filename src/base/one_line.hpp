#pragma once

#include "utf8.hpp"

#include <string>
#include <string_view>

namespace querytap::detail {

/// Text of others as it can stand in a line of ours: in valid UTF-8, with a space for each control character.
[[nodiscard]] inline std::string one_line(std::string_view text) {
  constexpr char first_printable = ' ';
  constexpr char rubout = '\x7f';
  std::string line = valid_utf8(text);
  for (char& c : line) {
    const bool is_control = (c >= 0 && c < first_printable) || c == rubout;
    if (is_control) c = ' ';
  }
  return line;
}

}  // namespace querytap::detail
