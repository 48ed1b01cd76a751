#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace querytap::detail {

/// A string that is written through a pointer, with room made for a whole series at a time. The
/// memory of the string is used again: fresh pages from the system cost as much as writing to them.
class output_buffer {
 public:
  /// How far past its end a writer of whole blocks may write.
  static constexpr std::size_t slack = 15;

  /// Allocates `expected` bytes at once, if that is more than the string has.
  output_buffer(std::string& body, std::size_t expected) : body_{body} {
    if (body_.capacity() >= expected) return;
    // The old memory is released before larger memory is allocated, so that the two never coexist.
    body_ = std::string{};
    body_.reserve(expected);
  }
  ~output_buffer() { body_.resize(used_); }
  output_buffer(const output_buffer&) = delete;
  output_buffer& operator=(const output_buffer&) = delete;

  /// Room for `size` bytes, and the slack after them.
  [[nodiscard]] char* room_for(std::size_t size) {
    const std::size_t needed = used_ + size + slack;
    if (body_.size() < needed) grow(needed);
    return body_.data() + used_;
  }

  void end_at(const char* end) noexcept { used_ = static_cast<std::size_t>(end - body_.data()); }

  [[nodiscard]] std::size_t size() const noexcept { return used_; }
  [[nodiscard]] const char* data() const noexcept { return body_.data(); }

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
  // A string fills with zeros what it grows by. In steps, it does so in the processor's cache, just
  // before that memory is written to.
  static constexpr std::size_t step = std::size_t{16} << 10;

  void grow(std::size_t needed) {
    const std::size_t wanted = needed + step;
    body_.resize(body_.capacity() < needed ? wanted : std::min(wanted, body_.capacity()));
  }

  std::string& body_;
  std::size_t used_ = 0;
};

}  // namespace querytap::detail
