#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace querytap::detail {

// ---- the hash of a text: all of it, by four products at once that do not wait for each other ----

[[nodiscard]] inline std::uint64_t word_of_text(const char* at) noexcept {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof word);
  return word;
}

/// The product of two words has all their bits in its middle.
[[nodiscard]] inline std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using wide = unsigned __int128;
  const wide product = wide{a} * b;
  return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
}

/// Not to be relied on alone: whoever chooses texts can choose two of the same hash.
[[nodiscard]] inline std::uint64_t text_hash(std::string_view text) noexcept {
  // Odd numbers without a pattern, different for each lane.
  constexpr std::uint64_t k0 = 0x9E3779B97F4A7C15, k1 = 0xD6E8FEB86659FD93, k2 = 0xC2B2AE3D27D4EB4F,
                          k3 = 0xA0761D6478BD642F;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t a = left, b = k1, c = k2, d = k3;
  const auto mix_64 = [&](const char* p) {
    a = folded_product(word_of_text(p) ^ k0, word_of_text(p + 8) ^ a);
    b = folded_product(word_of_text(p + 16) ^ k1, word_of_text(p + 24) ^ b);
    c = folded_product(word_of_text(p + 32) ^ k2, word_of_text(p + 40) ^ c);
    d = folded_product(word_of_text(p + 48) ^ k3, word_of_text(p + 56) ^ d);
  };
  if (left >= 64) {
    for (; left > 64; left -= 64, at += 64) mix_64(at);
    mix_64(at + left - 64);
  } else {
    for (; left >= 16; left -= 16, at += 16) {
      a = folded_product(word_of_text(at) ^ k0, word_of_text(at + 8) ^ a);
    }
    std::uint64_t rest[2] = {0, 0};
    if (left != 0) std::memcpy(rest, at, left);
    b = folded_product(rest[0] ^ k1, rest[1] ^ b);
  }
  return folded_product(a ^ c, b ^ k0) ^ folded_product(b ^ d, a ^ k1);
}

}  // namespace querytap::detail
