#pragma once

#include "layout.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Lays tokens out with the blanks that a reader expects, up to a limit.
///
///     writer.put("count", layout::word);  writer.put("(", layout::open);  …
///     identity.text = writer.text();
///
/// Cost     no allocation before `text()`, which makes one of the size of the result.
class text_writer {
 public:
  /// A place to come back to.
  struct mark {
    std::uint16_t size = 0;
    layout last = layout::begin;
    bool is_full = false;
  };

  void put(std::string_view token, layout as) noexcept {
    if (at_.is_full) return;
    const std::size_t blank = needs_blank(at_.last, as) ? 1 : 0;
    if (token.size() + blank > limit - at_.size) {
      at_.is_full = true;
      return;
    }
    buffer_[at_.size] = ' ';  // overwritten where no blank is needed
    copy(token, buffer_.data() + at_.size + blank);
    at_.size = static_cast<std::uint16_t>(at_.size + blank + token.size());
    at_.last = as;
  }

  [[nodiscard]] mark here() const noexcept { return at_; }
  void rewind(const mark& to) noexcept { at_ = to; }

  [[nodiscard]] std::string text() {
    std::size_t size = at_.size;
    if (at_.is_full) {
      if (needs_blank(at_.last, layout::word)) buffer_[size++] = ' ';
      std::memcpy(buffer_.data() + size, cut.data(), cut.size());
      size += cut.size();
    }
    return {buffer_.data(), size};
  }

 private:
  static constexpr std::string_view cut = "…";
  static constexpr std::size_t capacity = 4096;
  // Read again, a text that was cut must be cut in the same place: the sign and its blank never
  // take room from a token.
  static constexpr std::size_t limit = capacity - cut.size() - 1;

  /// `memcpy`, without the call for the few bytes that most tokens have.
  static void copy(std::string_view from, char* to) noexcept {
    const std::size_t size = from.size();
    if (size > 16) {
      std::memcpy(to, from.data(), size);
    } else if (size >= 8) {
      copy_ends<8>(from, to);
    } else if (size >= 4) {
      copy_ends<4>(from, to);
    } else if (size >= 2) {
      copy_ends<2>(from, to);
    } else if (size == 1) {
      *to = from.front();
    }
  }

  /// Between one and two times `Size` bytes: the first and the last ones, which overlap.
  template <std::size_t Size>
  static void copy_ends(std::string_view from, char* to) noexcept {
    std::array<char, Size> first;
    std::array<char, Size> last;
    std::memcpy(first.data(), from.data(), Size);
    std::memcpy(last.data(), from.data() + from.size() - Size, Size);
    std::memcpy(to, first.data(), Size);
    std::memcpy(to + from.size() - Size, last.data(), Size);
  }

  std::array<char, capacity> buffer_;  // filled as far as `at_.size`
  mark at_;
};

}  // namespace querytap::detail
