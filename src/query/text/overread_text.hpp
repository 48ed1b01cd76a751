#pragma once

#include "simd16.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace querytap::detail {

/// A text of which sixteen bytes at a time can be read without a check for its end. A short text is
/// copied into a buffer with padding behind it; of a long text that holds up to `plain_end()`
/// alone.
///
/// Lifetime a long text points to the original.
class overread_text {
 public:
  explicit overread_text(std::string_view text) noexcept : begin_{text.data()}, size_{text.size()} {
    if (size_ > longest_copy) return;
    if (size_ != 0) std::memcpy(copy_.data(), text.data(), size_);
    std::memset(copy_.data() + size_, 0, padding);
    begin_ = copy_.data();
    is_copy_ = true;
  }
  overread_text(const overread_text&) = delete;
  overread_text& operator=(const overread_text&) = delete;

  [[nodiscard]] const char* begin() const noexcept { return begin_; }
  [[nodiscard]] const char* end() const noexcept { return begin_ + size_; }
  [[nodiscard]] const char* readable_end() const noexcept {
    return is_copy_ ? end() + padding : end();
  }

  /// From any place before this, 64 bytes can be read.
  [[nodiscard]] const char* plain_end() const noexcept {
    return is_copy_ ? end() : end() - std::min(size_, padding);
  }

 private:
  static constexpr std::size_t padding = 4 * simd16::size;
  static constexpr std::size_t longest_copy = 1024;

  const char* begin_;
  std::size_t size_;
  bool is_copy_ = false;
  std::array<char, longest_copy + padding> copy_;
};

}  // namespace querytap::detail
