#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace querytap::detail {

/// The path of a field, with `?` for each part that is data: `items.17.qty` is `items.?.qty`.
///
/// Data are numbers, dates, ObjectIds, UUIDs and other generated ids, and names with a number of four digits or
/// more in them, as in `order-4711`. A path that was read stays as
/// it is when it is read again.
///
/// Lifetime points to the original while it has no part that is data.
class mongodb_path {
 public:
  explicit mongodb_path(std::string_view path) noexcept;

  /// Whether the text has the form of a path, rather than of data used as a name.
  [[nodiscard]] bool is_field() const noexcept { return is_field_; }
  /// Whether some part is data.
  [[nodiscard]] bool has_data() const noexcept { return has_data_; }
  /// Whether nothing but data is left.
  [[nodiscard]] bool is_data() const noexcept { return text() == "?"; }
  [[nodiscard]] std::string_view text() const noexcept {
    return has_data_ ? std::string_view{bytes_.data(), size_} : original_;
  }

  static constexpr std::size_t longest = 120;

 private:
  void add(std::string_view part) noexcept;
  void append(std::string_view part) noexcept;

  std::string_view original_;
  std::array<char, longest> bytes_;  // filled as far as `size_`
  std::size_t size_ = 0;
  bool is_field_ = true;
  bool has_data_ = false;
};

}  // namespace querytap::detail
