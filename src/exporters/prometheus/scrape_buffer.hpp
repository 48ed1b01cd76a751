#pragma once

#include "block_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace querytap::detail {

/// A string that is written through a pointer, with room made for a whole series at a time. The
/// memory of the string is used again: fresh pages from the system cost as much as writing to them.
class scrape_buffer {
 public:
  /// Begins with room for `expected` bytes.
  scrape_buffer(std::string& body, std::size_t expected) : body_{body} {
    // The old memory is released before larger memory is allocated, so that the two never coexist.
    if (body_.capacity() < expected) body_ = std::string{};
    if (body_.size() < expected) body_.resize(expected);
  }
  ~scrape_buffer() { body_.resize(used_); }
  scrape_buffer(const scrape_buffer&) = delete;
  scrape_buffer& operator=(const scrape_buffer&) = delete;

  /// Room for `size` bytes, and the slack of a block_text after them.
  [[nodiscard]] char* room_for(std::size_t size) {
    const std::size_t needed = used_ + size + block_text::slack;
    if (body_.size() < needed) body_.resize(std::max(needed, body_.size() + body_.size() / 4));
    return body_.data() + used_;
  }

  void end_at(const char* end) noexcept { used_ = static_cast<std::size_t>(end - body_.data()); }

  [[nodiscard]] std::size_t size() const noexcept { return used_; }

  /// Replaces `size` bytes at `begin` by `text`; the rest moves if the sizes differ.
  void replace(std::size_t begin, std::size_t size, std::string_view text) {
    if (text.size() > size) static_cast<void>(room_for(text.size() - size));
    char* const at = body_.data() + begin;
    if (text.size() != size) std::memmove(at + text.size(), at + size, used_ - begin - size);
    std::copy(text.begin(), text.end(), at);
    used_ += text.size() - size;
  }

  void append(std::string_view text) {
    end_at(std::copy(text.begin(), text.end(), room_for(text.size())));
  }

 private:
  std::string& body_;
  std::size_t used_ = 0;
};

}  // namespace querytap::detail
