#pragma once

#include <cstdint>
#include <cstring>

namespace querytap::detail {

/// Mixes two words for a hash: their product has all their bits in its middle.
[[nodiscard]] inline std::uint64_t folded_product(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using wide = unsigned __int128;
  const wide product = wide{a} * b;
  return static_cast<std::uint64_t>(product >> 64) ^ static_cast<std::uint64_t>(product);
}

/// Eight bytes of a text as one word.
[[nodiscard]] inline std::uint64_t word_at(const char* bytes) noexcept {
  std::uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

}  // namespace querytap::detail
