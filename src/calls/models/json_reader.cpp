#include "json_reader.hpp"

#include "../../base/ascii.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

namespace querytap::detail {
namespace {

// Sixteen bytes in one register of SSE2 or Neon, which both compilers know as vectors.
using byte_vector [[gnu::vector_size(16)]] = unsigned char;

constexpr byte_vector sixteen(char c) noexcept {
  const auto b = static_cast<unsigned char>(c);
  return byte_vector{b, b, b, b, b, b, b, b, b, b, b, b, b, b, b, b};
}

// The first of these characters, or `end`.
template <char... Wanted>
const char* find_first(const char* at, const char* end) noexcept {
  if constexpr (std::endian::native == std::endian::little) {
    for (; end - at >= 16; at += 16) {
      byte_vector bytes;
      std::memcpy(&bytes, at, sizeof bytes);
      const auto found = ((bytes == sixteen(Wanted)) | ...);
      std::array<std::uint64_t, 2> halves;
      std::memcpy(&halves, &found, sizeof halves);
      if (halves[0] != 0) return at + std::countr_zero(halves[0]) / 8;
      if (halves[1] != 0) return at + 8 + std::countr_zero(halves[1]) / 8;
    }
  }
  while (at != end && ((*at != Wanted) && ...)) ++at;
  return at;
}

std::uint32_t hexadecimal(std::string_view digits) noexcept {
  std::uint32_t value = 0;
  for (const char c : digits) {
    const char lower = ascii_lower(c);
    value = value * 16 + static_cast<std::uint32_t>(is_ascii_digit(c) ? c - '0' : lower - 'a' + 10);
  }
  return value;
}

// Of `\uXXXX`, where the second half of a pair stands for no bytes of its own.
std::size_t utf8_bytes(std::uint32_t unit) noexcept {
  if (unit < 0x80) return 1;
  if (unit < 0x800) return 2;
  if (unit >= 0xD800 && unit < 0xDC00) return 4;
  return unit >= 0xDC00 && unit < 0xE000 ? 0 : 3;
}

}  // namespace

std::size_t json_string::decoded_bytes() const noexcept {
  if (!has_escapes) return raw.size();
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] != '\\') {
      ++bytes;
    } else if (i + 5 < raw.size() && raw[i + 1] == 'u' &&
               std::ranges::all_of(raw.substr(i + 2, 4), is_hex_digit)) {
      bytes += utf8_bytes(hexadecimal(raw.substr(i + 2, 4)));
      i += 5;
    } else {
      ++bytes;
      ++i;
    }
  }
  return bytes;
}

json_string json_reader::take_string() noexcept {
  const char* const first = ++at_;
  bool has_escapes = false;
  while (true) {
    at_ = find_first<'"', '\\'>(at_, end_);
    if (at_ == end_) break;
    if (*at_ == '"') {
      const json_string found{{first, static_cast<std::size_t>(at_ - first)}, has_escapes};
      ++at_;
      return found;
    }
    has_escapes = true;
    if (end_ - at_ < 2) break;
    at_ += 2;
  }
  fail();
  return {};
}

std::optional<std::uint64_t> json_reader::count() noexcept {
  if (!is_ascii_digit(peek())) {
    skip();
    return std::nullopt;
  }
  std::uint64_t value = 0;
  const char* const first = at_;
  for (; at_ != end_ && is_ascii_digit(*at_); ++at_) {
    if (at_ - first < 15) value = value * 10 + static_cast<std::uint64_t>(*at_ - '0');
  }
  const bool is_usable = at_ - first <= 15;
  const bool goes_on = at_ != end_ && (*at_ == '.' || *at_ == 'e' || *at_ == 'E');
  if (goes_on) skip();
  if (goes_on || !is_usable) return std::nullopt;
  return value;
}

bool json_reader::boolean() noexcept {
  const bool is_true = peek() == 't';
  skip();
  return is_true;
}

void json_reader::skip() noexcept {
  switch (peek()) {
    case '"': (void)take_string(); return;
    case '{':
    case '[': skip_nested(); return;
    default: break;
  }
  const char* const first = at_;
  const auto is_scalar = [](char c) {
    return is_ascii_alphanumeric(c) || c == '-' || c == '+' || c == '.';
  };
  while (at_ != end_ && is_scalar(*at_)) ++at_;
  if (at_ == first) fail();
}

std::string_view json_reader::scalar() noexcept {
  const char next = peek();
  const char* const first = at_;
  skip();
  if (failed_ || next == '"' || next == '{' || next == '[') return {};
  return {first, static_cast<std::size_t>(at_ - first)};
}

// However deep: only brackets are counted.
void json_reader::skip_nested() noexcept {
  std::size_t open = 0;
  do {
    at_ = find_first<'"', '{', '}', '[', ']'>(at_, end_);
    if (at_ == end_) return fail();
    switch (*at_) {
      case '"': (void)take_string(); continue;
      case '{':
      case '[': ++open; break;
      default: --open; break;
    }
    ++at_;
  } while (open != 0 && !failed_);
}

}  // namespace querytap::detail
