#pragma once

#include <querytap/calls/detail/folded_product.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace querytap::detail {

/// A few values as one text, each behind its length, and the hash of all, worked out from the words
/// that pass through the registers anyway. Fixed room, no allocation.
///
///     composite_key key;
///     const bool fits = key.add("search") && key.add(tenant);
///     lookup_cache::find(owner, key.text(), key.hash());
///
/// Cost     some 2 ns for a value of up to 16 characters.
class composite_key {
 public:
  static constexpr std::size_t longest = 512;

  /// False if there is no room left: text() and hash() are not to be used then.
  [[nodiscard]] bool add(std::string_view value) noexcept {
    const std::size_t size = value.size();
    if (size > longest || size_ + sizeof(std::uint16_t) + size > longest) return false;
    const auto length = static_cast<std::uint16_t>(size);
    std::memcpy(&room_[size_], &length, sizeof length);
    char* const into = &room_[size_ + sizeof length];
    size_ += sizeof length + size;
    if (size > 16) {
      add_long(value, into);
    } else if (size >= 8) {
      add_ends<std::uint64_t>(value, into);
    } else if (size >= 4) {
      add_ends<std::uint32_t>(value, into);
    } else {
      std::uint64_t word = 0;
      for (std::size_t i = 0; i < size; ++i) {
        into[i] = value[i];
        word = word << 8 | static_cast<unsigned char>(value[i]);
      }
      mix(word, size);
    }
    return true;
  }

  [[nodiscard]] std::string_view text() const noexcept { return {room_.data(), size_}; }
  [[nodiscard]] std::size_t hash() const noexcept { return hash_; }

 private:
  // The first and the last word, which overlap in the middle.
  template <class Word>
  void add_ends(std::string_view value, char* into) noexcept {
    Word first;
    Word last;
    const std::size_t rest = value.size() - sizeof(Word);
    std::memcpy(&first, value.data(), sizeof first);
    std::memcpy(&last, value.data() + rest, sizeof last);
    std::memcpy(into, &first, sizeof first);
    std::memcpy(into + rest, &last, sizeof last);
    mix(first, last ^ (value.size() << 56));
  }

  void add_long(std::string_view value, char* into) noexcept {
    std::memcpy(into, value.data(), value.size());
    for (std::size_t at = 0; at + 16 < value.size(); at += 16) {
      mix(word_at(value.data() + at), word_at(value.data() + at + 8));
    }
    const char* const end = value.data() + value.size();
    mix(word_at(end - 16), word_at(end - 8) ^ value.size());
  }

  void mix(std::uint64_t a, std::uint64_t b) noexcept {
    hash_ = folded_product(a ^ 0x9E3779B97F4A7C15, b ^ hash_);
  }

  std::size_t size_ = 0;
  std::uint64_t hash_ = 0xD6E8FEB86659FD93;
  std::array<char, longest> room_;
};

}  // namespace querytap::detail
