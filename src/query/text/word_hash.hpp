#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace querytap::detail {

/// The step of every hash of query texts: reversible in either argument, so that two sequences of
/// equal length that differ in one place have different hashes.
[[nodiscard]] constexpr std::uint64_t mix_hash(std::uint64_t state, std::uint64_t value) noexcept {
  return (std::rotl(state, 23) ^ value) * 0x9E3779B97F4A7C15u;
}

/// Spreads every bit of the state over the whole result.
[[nodiscard]] constexpr std::uint64_t spread_hash(std::uint64_t state) noexcept {
  state = (state ^ (state >> 31)) * 0xD6E8FEB86659FD93u;
  state = (state ^ (state >> 29)) * 0xA0761D6478BD642Fu;
  return state ^ (state >> 32);
}

/// Eight bytes with ASCII capitals made small; all other bytes are unchanged.
[[nodiscard]] constexpr std::uint64_t lower_case(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101u;
  const std::uint64_t low = bytes & (0x7F * each);
  const std::uint64_t from_a = low + (0x80 - 'A') * each;
  const std::uint64_t above_z = low + (0x7F - 'Z') * each;
  const std::uint64_t capitals = (from_a ^ above_z) & ~bytes & (0x80 * each);
  return bytes | (capitals >> 2);
}

/// The same for the characters of words. `_`, and bytes that no word has, become characters that no
/// word has.
[[nodiscard]] constexpr std::uint64_t lower_case_of_word(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101u;
  const bool is_ascii = (bytes & (0x80 * each)) == 0;
  if (is_ascii) [[likely]]
    return bytes | (0x20 * each);
  return lower_case(bytes);
}

/// Eight bytes, the first one lowest on every machine.
[[nodiscard]] inline std::uint64_t load_word(const char* at) noexcept {
  std::uint64_t bytes = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&bytes, at, sizeof bytes);
  } else {
    for (std::size_t i = 8; i-- > 0;) bytes = bytes << 8 | static_cast<unsigned char>(at[i]);
  }
  return bytes;
}

enum class letter_case : std::uint8_t { exact, folded, folded_word };

/// The mask of the first so many bytes of eight.
inline constexpr std::array<std::uint64_t, 9> first_bytes{0,
                                                          0xFF,
                                                          0xFFFF,
                                                          0xFFFFFF,
                                                          0xFFFFFFFF,
                                                          0xFFFFFFFFFF,
                                                          0xFFFFFFFFFFFF,
                                                          0xFFFFFFFFFFFFFF,
                                                          0xFFFFFFFFFFFFFFFF};

/// A hash of up to eight bytes at a time, the same on every machine.
template <letter_case Case>
class text_hasher {
 public:
  /// The first `size` of the loaded bytes, 1 to 8.
  constexpr void add(std::uint64_t bytes, std::size_t size) noexcept {
    std::uint64_t used = bytes & first_bytes[size];
    if (Case == letter_case::folded) used = lower_case(used);
    if (Case == letter_case::folded_word) used = lower_case_of_word(used);
    state_ = mix_hash(state_, used);
  }
  [[nodiscard]] constexpr std::uint64_t value() const noexcept { return state_ ^ (state_ >> 32); }

 private:
  std::uint64_t state_ = 0x1F83D9ABFB41BD6Bu;
};

/// The hash of a word of up to sixteen bytes; sixteen must be readable.
[[nodiscard]] inline std::uint64_t hash_of_word(const char* at, std::size_t size) noexcept {
  text_hasher<letter_case::folded_word> hash;
  if (size <= 8) [[likely]] {
    hash.add(load_word(at), size);
  } else {
    hash.add(load_word(at), 8);
    hash.add(load_word(at + 8), size - 8);
  }
  return hash.value();
}

/// The hash of a text of any length except 0.
template <letter_case Case>
[[nodiscard]] constexpr std::uint64_t hash_of_text(std::string_view text) noexcept {
  text_hasher<Case> hash;
  while (!text.empty()) {
    const std::size_t size = text.size() < 8 ? text.size() : 8;
    std::uint64_t bytes = 0;
    for (std::size_t i = size; i-- > 0;) bytes = bytes << 8 | static_cast<unsigned char>(text[i]);
    hash.add(bytes, size);
    text.remove_prefix(size);
  }
  return hash.value();
}

}  // namespace querytap::detail
