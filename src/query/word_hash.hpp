#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <type_traits>

namespace querytap::detail {

/// The step of every hash here: reversible in either argument, so that two sequences of equal
/// length that differ in one place stay different.
[[nodiscard]] constexpr std::uint64_t mixed(std::uint64_t state, std::uint64_t value) noexcept {
  state = (state ^ value) * 0x9E3779B97F4A7C15u;
  return state ^ (state >> 32);
}

/// Spreads every bit of the state over the whole result.
[[nodiscard]] constexpr std::uint64_t avalanched(std::uint64_t state) noexcept {
  state = (state ^ (state >> 31)) * 0xD6E8FEB86659FD93u;
  state = (state ^ (state >> 29)) * 0xA0761D6478BD642Fu;
  return state ^ (state >> 32);
}

/// ASCII capitals of eight bytes made small; all other bytes left alone.
[[nodiscard]] constexpr std::uint64_t lower_case(std::uint64_t bytes) noexcept {
  constexpr std::uint64_t each = 0x0101010101010101u;
  const std::uint64_t low = bytes & (0x7F * each);
  const std::uint64_t from_a = low + (0x80 - 'A') * each;
  const std::uint64_t above_z = low + (0x7F - 'Z') * each;
  const std::uint64_t capitals = (from_a ^ above_z) & ~bytes & (0x80 * each);
  return bytes | (capitals >> 2);
}

/// One to eight bytes, the last one highest on every machine. `end` is where reading must stop.
[[nodiscard]] constexpr std::uint64_t load(const char* at, std::size_t size,
                                           const char* end) noexcept {
  if (!std::is_constant_evaluated() && std::endian::native == std::endian::little &&
      end - at >= 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, at, 8);
    return bytes << (8 * (8 - size));
  }
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < size; ++i) {
    bytes = bytes >> 8 | std::uint64_t{static_cast<unsigned char>(at[i])} << 56;
  }
  return bytes;
}

enum class letter_case : bool { kept, folded };

/// The hash of a token's text, which is not empty. `end` is the end of the buffer that it lies in.
template <letter_case Case>
[[nodiscard]] constexpr std::uint64_t hash_of(std::string_view text, const char* end,
                                              std::uint64_t state) noexcept {
  const auto add = [&](std::size_t size) {
    const std::uint64_t bytes = load(text.data(), size, end);
    state = mixed(state, Case == letter_case::folded ? lower_case(bytes) : bytes);
  };
  for (; text.size() > 8; text.remove_prefix(8)) add(8);
  add(text.size());
  return state;
}

[[nodiscard]] constexpr std::uint64_t hash_of_word(std::string_view text,
                                                   const char* end) noexcept {
  return hash_of<letter_case::folded>(text, end, 0x1F83D9ABFB41BD6Bu);
}

}  // namespace querytap::detail
