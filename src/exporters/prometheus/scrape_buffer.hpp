#pragma once

#include "block_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace querytap::detail {

/// A string that is written through a pointer, with room made for a whole series at a time. Memory
/// that the string holds already is used again: fresh pages from the system cost as much as what is
/// written into them.
class scrape_buffer {
 public:
  /// `expected` bytes are at hand from the start.
  scrape_buffer(std::string& in, std::size_t expected) : in_{in} {
    // An empty string is dropped before a larger one is made: never both of them at once.
    if (in_.capacity() < expected) in_ = std::string{};
    if (in_.size() < expected) in_.resize(expected);
  }
  ~scrape_buffer() { in_.resize(used_); }
  scrape_buffer(const scrape_buffer&) = delete;
  scrape_buffer& operator=(const scrape_buffer&) = delete;

  /// Where to write up to `size` bytes, and the slack of a block_text after them.
  [[nodiscard]] char* room_for(std::size_t size) {
    const std::size_t wanted = used_ + size + block_text::slack;
    if (in_.size() < wanted) in_.resize(std::max(wanted, in_.size() + in_.size() / 4));
    return in_.data() + used_;
  }

  void end_at(const char* end) noexcept { used_ = static_cast<std::size_t>(end - in_.data()); }

  [[nodiscard]] std::size_t size() const noexcept { return used_; }

  /// Puts `text` in the place of `size` bytes at `begin`; what follows moves if it must.
  void replace(std::size_t begin, std::size_t size, std::string_view text) {
    if (text.size() > size) static_cast<void>(room_for(text.size() - size));
    char* const at = in_.data() + begin;
    if (text.size() != size) std::memmove(at + text.size(), at + size, used_ - begin - size);
    std::copy(text.begin(), text.end(), at);
    used_ += text.size() - size;
  }

  void append(std::string_view text) {
    end_at(std::copy(text.begin(), text.end(), room_for(text.size())));
  }

 private:
  std::string& in_;
  std::size_t used_ = 0;
};

}  // namespace querytap::detail
