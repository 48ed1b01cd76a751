#pragma once

#include "../common/output_buffer.hpp"

#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace querytap::detail {

/// Text that is copied a whole block at a time: most of a scrape is copies of short texts, for
/// which a call of memcpy takes longer than the copy itself.
///
///     char* end = text.copy_to(out);      // writes up to `slack` bytes past `end`
class block_text {
 public:
  static constexpr std::size_t block = 16;
  static constexpr std::size_t slack = block - 1;
  static_assert(slack <= output_buffer::slack);

  block_text() : block_text{std::string_view{}} {}
  explicit block_text(std::string_view text) : size_{text.size()}, padded_{text} {
    padded_.resize((size_ + slack) / block * block);
  }

  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

  char* copy_to(char* out) const noexcept {
    // Local variables: the compiler must assume that `out` points at the members.
    const char* const from = padded_.data();
    const std::size_t size = size_;
    for (std::size_t done = 0; done < size; done += block) {
      std::memcpy(out + done, from + done, block);
    }
    return out + size;
  }

 private:
  std::size_t size_;
  std::string padded_;
};

}  // namespace querytap::detail
