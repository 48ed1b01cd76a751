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

  /// What is put afterwards must come from this text.
  explicit text_writer(std::string_view source) noexcept
      : source_end_{source.data() + source.size()} {}

  void put(std::string_view token, layout as) noexcept {
    if (!makes_room(token.size(), as)) return;
    copy(token, buffer_.data() + at_.size);
    at_.size = static_cast<std::uint16_t>(at_.size + token.size());
  }

  void put(char token, layout as) noexcept {
    if (makes_room(1, as)) buffer_[at_.size++] = token;
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
  static constexpr std::size_t slack = 16;
  // Read again, a text that was cut must be cut in the same place: the sign and its blank never
  // take room from a token.
  static constexpr std::size_t limit = capacity - cut.size() - 1;

  [[nodiscard]] bool makes_room(std::size_t size, layout as) noexcept {
    const std::size_t blank = needs_blank(at_.last, as) ? 1 : 0;
    at_.is_full = at_.is_full || size + blank > limit - at_.size;
    if (at_.is_full) return false;
    buffer_[at_.size] = ' ';  // overwritten where no blank is needed
    at_.size = static_cast<std::uint16_t>(at_.size + blank);
    at_.last = as;
    return true;
  }

  /// `memcpy`, without the call for the few bytes that most tokens have: more is copied than asked
  /// for, where that much can be read, and overwritten by the next token.
  void copy(std::string_view from, char* to) const noexcept {
    if (from.size() <= slack && source_end_ - from.data() >= std::ptrdiff_t{slack}) {
      std::memcpy(to, from.data(), slack);
    } else {
      std::memcpy(to, from.data(), from.size());
    }
  }

  std::array<char, capacity + slack> buffer_;  // filled as far as `at_.size`
  mark at_;
  const char* source_end_;
};

}  // namespace querytap::detail
