#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// An open file, to which each line is appended as a whole or not at all.
///
/// Threads  one at a time.
/// Errors   a number of errno, 0 for none.
class appended_file {
 public:
  appended_file() noexcept = default;
  ~appended_file();
  appended_file(const appended_file&) = delete;
  appended_file& operator=(const appended_file&) = delete;

  /// Makes the file if there is none, readable by its owner only. EINVAL for what lines cannot be appended
  /// to, such as a pipe.
  int open(const std::string& path) noexcept;
  void close() noexcept;

  /// Whether the open file is still the one of this name; takes note of its size.
  [[nodiscard]] bool is_at(const std::string& path) noexcept;

  /// In bytes, as of open(), is_at() or clear(); 0 for a device.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  int append(std::string_view line) noexcept;
  /// Empties the file.
  int clear() noexcept;

 private:
  void remove_partial_line(std::uint64_t bytes) noexcept;
  [[nodiscard]] bool ends_in_half_line() const noexcept;

  int descriptor_ = -1;
  bool is_device_ = false;
  bool has_half_line_ = false;
  std::uint64_t size_ = 0;
};

}  // namespace querytap::detail
