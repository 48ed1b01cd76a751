#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace querytap {

/// Which keys a search is filtered by, never their values.
///
///     const filter_shape filter{"lang", "year"};
///
/// Sorted, each once; of more than eight keys, or longer than 96 bytes together, the rest is `…`.
///
/// Cost     no allocation.
class filter_shape {
 public:
  filter_shape() noexcept = default;
  filter_shape(std::initializer_list<std::string_view> keys) noexcept
      : filter_shape{std::span{keys.begin(), keys.size()}} {}
  explicit filter_shape(std::span<const std::string_view> keys) noexcept;

  /// `lang, year`; empty where nothing is filtered.
  [[nodiscard]] std::string_view text() const noexcept { return {text_.data(), size_}; }
  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }

 private:
  void append(std::string_view text) noexcept;

  std::array<char, 104> text_;
  std::uint8_t size_ = 0;
};

}  // namespace querytap
