#include "utf8.hpp"

#include <algorithm>
#include <cstdint>

namespace querytap::detail {
namespace {

// What the first byte of a character states: its length, its own bits, and the smallest code point
// that needs that length.
struct utf8_lead {
  std::size_t size;
  std::uint32_t bits;
  std::uint32_t smallest;
};

utf8_lead read_utf8_lead(unsigned char first) {
  if (first < 0x80) return {1, first, 0};
  if (first < 0xC0) return {0, 0, 0};
  if (first < 0xE0) return {2, first & 0x1FU, 0x80};
  if (first < 0xF0) return {3, first & 0x0FU, 0x800};
  if (first < 0xF8) return {4, first & 0x07U, 0x10000};
  return {0, 0, 0};
}

bool is_not_ascii(char c) { return static_cast<unsigned char>(c) >= 0x80; }

}  // namespace

std::size_t utf8_character_size(std::string_view text) noexcept {
  if (text.empty()) return 0;
  const utf8_lead lead = read_utf8_lead(static_cast<unsigned char>(text.front()));
  if (lead.size == 0 || lead.size > text.size()) return 0;
  std::uint32_t code_point = lead.bits;
  for (const char c : text.substr(1, lead.size - 1)) {
    if (!is_utf8_continuation(c)) return 0;
    code_point = code_point << 6 | (static_cast<unsigned char>(c) & 0x3FU);
  }
  const bool surrogate = code_point >= 0xD800 && code_point < 0xE000;
  if (code_point < lead.smallest || code_point > 0x10FFFF || surrogate) return 0;
  return lead.size;
}

std::string_view utf8_prefix(std::string_view text, std::size_t size) noexcept {
  if (text.size() <= size) return text;
  while (size > 0 && is_utf8_continuation(text[size])) --size;
  return text.substr(0, size);
}

std::string valid_utf8(std::string_view text) {
  std::string valid;
  valid.reserve(text.size());
  while (!text.empty()) {
    const auto ascii_end = std::ranges::find_if(text, is_not_ascii);
    const auto ascii = static_cast<std::size_t>(ascii_end - text.begin());
    valid += text.substr(0, ascii);
    text.remove_prefix(ascii);
    if (text.empty()) break;
    const std::size_t size = utf8_character_size(text);
    valid += size == 0 ? std::string_view{"\xEF\xBF\xBD"} : text.substr(0, size);
    text.remove_prefix(size == 0 ? 1 : size);
  }
  return valid;
}

}  // namespace querytap::detail
