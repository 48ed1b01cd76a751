#pragma once

#include "../text/simd16.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

/// Which of the next bytes end words, computed for all of them at once: the end of a word
/// then costs a few instructions.
class word_map {
 public:
  static constexpr std::size_t size = 4 * simd16::size;

  /// How many bytes from `at` on are parts of a word; `size` means that there may be more. So many
  /// must be readable.
  [[nodiscard]] std::size_t run_at(const char* at) noexcept {
    const auto offset = static_cast<std::size_t>(at - begin_);
    if (offset < size) [[likely]] {
      const std::uint64_t ends = ends_ >> offset;
      if (ends != 0) [[likely]]
        return static_cast<std::size_t>(std::countr_zero(ends));
    }
    fill(at);
    return static_cast<std::size_t>(std::countr_zero(ends_));
  }

 private:
  void fill(const char* first) noexcept {
    begin_ = first;
    std::uint64_t parts = 0;
    for (std::size_t at = 0; at < size; at += simd16::size) {
      parts |= std::uint64_t{simd16::load(first + at).name_parts()} << at;
    }
    ends_ = ~parts;
  }

  const char* begin_ = nullptr;  ///< of the bytes in the map
  std::uint64_t ends_ = 0;
};

}  // namespace querytap::detail
