#pragma once

#include "../text/simd16.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

/// Which of the next bytes are parts of words, computed for all of them at once: the end of a word
/// then costs a few instructions.
class word_map {
 public:
  /// One bit less than the map has, so that every run has an end.
  static constexpr std::size_t size = 63;

  explicit word_map(const char* readable_end) noexcept : begin_{readable_end}, end_{readable_end} {}

  /// How many bytes from `at` on are parts of a word; `size` means that there may be more.
  [[nodiscard]] std::size_t run_at(const char* at) noexcept {
    const auto offset = static_cast<std::size_t>(at - begin_);
    if (offset < size) [[likely]] {
      const std::size_t run = run_of(parts_ >> offset);
      if (offset + run < size) [[likely]]
        return run;
    }
    fill(at);
    return run_of(parts_);
  }

 private:
  static constexpr std::size_t filled = 4 * simd16::size;

  [[nodiscard]] static std::size_t run_of(std::uint64_t set) noexcept {
    return static_cast<std::size_t>(std::countr_zero(~set | std::uint64_t{1} << size));
  }

  void fill(const char* first) noexcept {
    begin_ = first;
    parts_ = 0;
    const auto left = static_cast<std::size_t>(end_ - first);
    if (left >= filled) [[likely]] {
      for (std::size_t at = 0; at < filled; at += simd16::size) add(simd16::load(first + at), at);
    } else {
      for (std::size_t at = 0; at < left; at += simd16::size)
        add(load_before(first + at, end_), at);
    }
  }
  void add(const simd16& bytes, std::size_t at) noexcept {
    parts_ |= std::uint64_t{bytes.name_parts()} << at;
  }

  const char* begin_;  // of the bytes in the map
  const char* end_;
  std::uint64_t parts_ = 0;
};

}  // namespace querytap::detail
