#pragma once

#include <querytap/calls/detail/folded_product.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace querytap::detail {

// ---- the hash of a text: all of it, by four products at once that do not wait for each other ----

/// Not to be relied on alone: whoever chooses texts can choose two of the same hash.
[[nodiscard]] inline std::uint64_t text_hash(std::string_view text) noexcept {
  // Odd numbers without a pattern, different for each lane.
  constexpr std::uint64_t k0 = 0x9E3779B97F4A7C15, k1 = 0xD6E8FEB86659FD93, k2 = 0xC2B2AE3D27D4EB4F,
                          k3 = 0xA0761D6478BD642F;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t a = left, b = k1, c = k2, d = k3;
  const auto mix_64 = [&](const char* p) {
    a = folded_product(word_at(p) ^ k0, word_at(p + 8) ^ a);
    b = folded_product(word_at(p + 16) ^ k1, word_at(p + 24) ^ b);
    c = folded_product(word_at(p + 32) ^ k2, word_at(p + 40) ^ c);
    d = folded_product(word_at(p + 48) ^ k3, word_at(p + 56) ^ d);
  };
  if (left >= 64) {
    for (; left > 64; left -= 64, at += 64) mix_64(at);
    mix_64(at + left - 64);
  } else {
    for (; left >= 16; left -= 16, at += 16) {
      a = folded_product(word_at(at) ^ k0, word_at(at + 8) ^ a);
    }
    std::uint64_t rest[2] = {0, 0};
    if (left != 0) std::memcpy(rest, at, left);
    b = folded_product(rest[0] ^ k1, rest[1] ^ b);
  }
  return folded_product(a ^ c, b ^ k0) ^ folded_product(b ^ d, a ^ k1);
}

}  // namespace querytap::detail
