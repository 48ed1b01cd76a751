#pragma once

#include <querytap/base/code_location.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace querytap::redis::detail {

/// The format of the command that was appended last, and its line, while one more of both needs only
/// be counted.
///
/// Threads  those of the connection.
/// Cost     a comparison of as many bytes as the format has: of a literal by a few instructions.
class repeated_command {
 public:
  /// A format with its `\0`, of a size that the compiler knows; 0: that it does not know.
  [[nodiscard]] bool is(const char* format, std::size_t size, code_location site) const noexcept {
    return size != 0 && size == size_ && site.pointer() == site_ &&
           std::memcmp(format, format_.data(), size) == 0;
  }
  /// The same of a format of any size.
  [[nodiscard]] bool is(const char* format, code_location site) const noexcept {
    return size_ != 0 && site.pointer() == site_ && std::strcmp(format, format_.data()) == 0;
  }
  void add() noexcept { ++count_; }
  /// How many there were since clear(), of all formats.
  [[nodiscard]] std::uint32_t count() const noexcept { return count_; }

  /// From now on commands of this format are only counted; those of a longer one are not.
  void set(std::string_view format, code_location site) noexcept {
    const bool fits = !format.empty() && format.size() < format_.size();
    size_ = fits ? format.copy(format_.data(), format.size()) + 1 : 0;
    if (fits) format_[format.size()] = '\0';
    site_ = site.pointer();
  }
  /// Each command is to be looked at.
  void forget() noexcept { size_ = 0; }
  void clear() noexcept { count_ = 0; }

 private:
  std::uint32_t count_ = 0;
  std::size_t size_ = 0;  // with the `\0`; 0: there is no format
  const void* site_ = nullptr;
  std::array<char, 128> format_{};
};

}  // namespace querytap::redis::detail
