#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <type_traits>

namespace querytap::detail {

/// A string of a JSON text, as it stands there.
struct json_string {
  std::string_view raw = {};
  bool has_escapes = false;

  /// In UTF-8, without the escapes.
  [[nodiscard]] std::size_t decoded_bytes() const noexcept;
};

/// The first seven characters of a key and its length, as one number: to tell keys apart by a switch.
/// Only those of up to seven characters are told apart for certain.
[[nodiscard]] constexpr std::uint64_t key_word(std::string_view key) noexcept {
  const std::uint64_t size = key.size();
  std::uint64_t word = 0;
  if (std::is_constant_evaluated() || size < 4 || std::endian::native != std::endian::little) {
    for (std::size_t i = 0; i < size && i < 7; ++i) {
      word |= std::uint64_t{static_cast<unsigned char>(key[i])} << (8 * i);
    }
  } else if (size >= 8) {
    std::memcpy(&word, key.data(), sizeof word);
  } else {  // two words, which overlap
    std::uint32_t first, last;
    std::memcpy(&first, key.data(), sizeof first);
    std::memcpy(&last, key.data() + size - sizeof last, sizeof last);
    word = first | std::uint64_t{last} << (8 * (size - sizeof last));
  }
  constexpr std::uint64_t most = 0xFF;
  return (word & ~(most << 56)) | (size < most ? size : most) << 56;
}

/// Walks through a JSON text from one value to the next, and passes over what nobody asked for
/// without looking at it closely: text that is no JSON may pass, but is never read beyond its end.
///
///     json_reader json{text};
///     json.read_object([&](std::string_view key) { key == "model" ? read(json.string()) : json.skip(); });
///
/// Whoever is told a key or an element reads or skips the value. After a failure all reads find nothing.
///
/// Cost     strings and what is skipped are searched 8 bytes at a time; no allocation.
class json_reader {
 public:
  explicit json_reader(std::string_view text) noexcept
      : at_{text.data()}, end_{text.data() + text.size()} {}

  /// False, with the value skipped, if it is no object.
  template <class Visit>
  bool read_object(Visit visit) noexcept {
    if (!begin('{')) return false;
    if (ends('}')) return true;
    while (!failed_) {
      const std::string_view key = next_key();
      if (failed_) break;
      visit(key);
      if (ends('}')) return true;
      expect(',');
    }
    return false;
  }

  /// The same for an array; `visit` is told the number of each element, from 0.
  template <class Visit>
  bool read_array(Visit visit) noexcept {
    if (!begin('[')) return false;
    if (ends(']')) return true;
    for (std::size_t i = 0; !failed_; ++i) {
      visit(i);
      if (ends(']')) return true;
      expect(',');
    }
    return false;
  }

  /// Nothing, with the value skipped, if it is of another type.
  [[nodiscard]] std::optional<json_string> string() noexcept {
    if (peek() != '"') {
      skip();
      return std::nullopt;
    }
    const json_string found = take_string();
    if (failed_) return std::nullopt;
    return found;
  }
  /// A whole number from 0 on, of 15 digits at most.
  [[nodiscard]] std::optional<std::uint64_t> count() noexcept;
  /// True for `true` alone.
  [[nodiscard]] bool boolean() noexcept;

  void skip() noexcept;
  /// The text of a number, `true`, `false` or `null`; empty, with the value skipped, for anything else.
  [[nodiscard]] std::string_view scalar() noexcept;

  /// What stands next, blanks apart; 0 at the end.
  [[nodiscard]] char peek() noexcept {
    while (at_ != end_ && static_cast<unsigned char>(*at_) <= ' ') ++at_;
    return at_ == end_ ? '\0' : *at_;
  }
  [[nodiscard]] bool failed() const noexcept { return failed_; }
  /// True if everything was read, and nothing was amiss.
  [[nodiscard]] bool is_done() noexcept { return peek() == '\0' && at_ == end_ && !failed_; }

 private:
  static constexpr std::size_t deepest = 64;

  [[nodiscard]] bool begin(char bracket) noexcept {
    if (peek() != bracket || depth_ == deepest) {
      skip();
      return false;
    }
    ++at_;
    ++depth_;
    return true;
  }
  [[nodiscard]] bool ends(char bracket) noexcept {
    if (peek() != bracket) return false;
    ++at_;
    --depth_;
    return true;
  }
  void expect(char c) noexcept {
    if (peek() == c) {
      ++at_;
    } else {
      fail();
    }
  }
  [[nodiscard]] std::string_view next_key() noexcept {
    if (peek() != '"') {
      fail();
      return {};
    }
    const json_string key = take_string();
    expect(':');
    return key.raw;
  }
  void fail() noexcept {
    failed_ = true;
    at_ = end_;
  }

  [[nodiscard]] json_string take_string() noexcept;
  void skip_nested() noexcept;

  const char* at_;
  const char* end_;
  std::size_t depth_ = 0;
  bool failed_ = false;
};

}  // namespace querytap::detail
