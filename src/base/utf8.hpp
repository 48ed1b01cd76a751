#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Whether the byte is inside a character, and begins none.
[[nodiscard]] constexpr bool is_utf8_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

/// How many bytes at the front of `text` are one well-formed UTF-8 character; 0 if none are.
///
/// Source   RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
[[nodiscard]] std::size_t utf8_character_size(std::string_view text) noexcept;

/// The longest part of at most `size` bytes at the front of `text` that cuts no character.
[[nodiscard]] std::string_view utf8_prefix(std::string_view text, std::size_t size) noexcept;

/// The text with every byte that belongs to no character replaced by U+FFFD.
[[nodiscard]] std::string valid_utf8(std::string_view text);

}  // namespace querytap::detail
