#pragma once

#include "simd16.hpp"
#include "writer_state.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace querytap::detail {

/// The sanitised text that a writer_state writes: of limited size.
///
/// Cost     no allocation before `text()`, which makes one of the size of the result.
class statement_buffer {
 public:
  [[nodiscard]] writer_state begin() noexcept {
    writer_state first;
    first.at = bytes_.data();
    return first;
  }

  /// A text that was cut must be cut in the same place when it is read again: the sign `…` and its
  /// blank take no room from a token.
  [[nodiscard]] char* limit() noexcept { return bytes_.data() + capacity - cut.size() - 1; }

  /// How many bytes can be written such that another token of up to sixteen bytes surely fits.
  [[nodiscard]] std::ptrdiff_t room(const short_writer& writer) const noexcept {
    const char* last = bytes_.data() + capacity - cut.size() - simd16::size - 2;
    return std::max<std::ptrdiff_t>(0, last - writer.at);
  }

  /// What has been written so far; empty where the text was cut.
  [[nodiscard]] std::string_view written(const writer_state& writer) const noexcept {
    if (writer.cut_at != nullptr) return {};
    return {bytes_.data(), static_cast<std::size_t>(writer.at - bytes_.data())};
  }

  [[nodiscard]] std::string text(const writer_state& last) {
    if (last.cut_at == nullptr) return {bytes_.data(), last.at};
    char* at = last.cut_at;
    if (last.is_blank_before_cut) *at++ = ' ';
    std::memcpy(at, cut.data(), cut.size());
    return {bytes_.data(), at + cut.size()};
  }

 private:
  static constexpr std::string_view cut = "…";
  static constexpr std::size_t capacity = 4096;

  std::array<char, capacity + simd16::size> bytes_;
};

}  // namespace querytap::detail
