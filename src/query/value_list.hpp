#pragma once

#include <cstddef>

namespace querytap::detail {

/// A list that may turn out to hold nothing but values, as in `in (1, 2, 3)`, and is held back
/// until that is known.
class value_list {
 public:
  void begin() noexcept {
    is_open_ = true;
    is_value_next_ = true;
    values_ = 0;
  }
  void end() noexcept { is_open_ = false; }

  /// Whether the value continues the list; then it is not to be written yet.
  [[nodiscard]] bool value() noexcept {
    if (!is_open_ || !is_value_next_) return false;
    ++values_;
    is_value_next_ = false;
    return true;
  }

  [[nodiscard]] bool comma() noexcept {
    if (!is_open_ || is_value_next_) return false;
    is_value_next_ = true;
    return true;
  }

  [[nodiscard]] bool is_open() const noexcept { return is_open_; }
  [[nodiscard]] bool is_complete() const noexcept { return is_open_ && !is_value_next_; }
  [[nodiscard]] std::size_t values() const noexcept { return values_; }
  [[nodiscard]] std::size_t commas() const noexcept {
    return is_value_next_ ? values_ : values_ - 1;
  }

 private:
  bool is_open_ = false;
  bool is_value_next_ = false;
  std::size_t values_ = 0;
};

}  // namespace querytap::detail
