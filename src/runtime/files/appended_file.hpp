#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace querytap::detail {

/// An open file that lines are appended to: each as a whole, or not at all.
///
/// Threads  one at a time.
/// Errors   numbers of errno, 0 for none.
class appended_file {
 public:
  appended_file() noexcept = default;
  ~appended_file();
  appended_file(const appended_file&) = delete;
  appended_file& operator=(const appended_file&) = delete;

  /// Makes it if there is none, for its owner alone. EINVAL for what lines cannot be appended to,
  /// such as a pipe.
  int open(const std::string& path) noexcept;
  void close() noexcept;

  /// Whether it is open, and still what has this name.
  [[nodiscard]] bool is_at(const std::string& path) noexcept;

  /// The bytes that it holds, as of is_at(); 0 for a device.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }

  int append(std::string_view line) noexcept;
  /// Throws away all that it holds.
  int clear() noexcept;

 private:
  void take_back(std::uint64_t bytes) noexcept;
  [[nodiscard]] bool ends_in_half_line() const noexcept;

  int descriptor_ = -1;
  bool is_device_ = false;
  bool has_half_line_ = false;
  std::uint64_t size_ = 0;
};

}  // namespace querytap::detail
