#pragma once

#include <string_view>

namespace querytap::libpq::detail {

/// Calls `visit` with each statement of a text that has several; with the text, where it has one or
/// where that is not sure. PostgreSQL answers each of them on its own.
class sent_statements {
 public:
  /// `escapes`: whether a backslash is an escape in every string.
  sent_statements(std::string_view text, bool escapes) noexcept : text_{text}, escapes_{escapes} {}

  /// Something stands behind a semicolon, which may be one in a string.
  [[nodiscard]] bool may_be_several() const noexcept;

  template <class Visit>
  void for_each(Visit visit) const {
    if (!may_be_several() || !is_divisible()) return visit(text_);
    std::string_view rest = text_;
    while (!rest.empty()) {
      const std::string_view next = take_next(rest);
      if (!next.empty()) visit(next);
    }
  }

 private:
  /// Neither a semicolon in brackets nor a body of statements is in it, and all of it is closed.
  [[nodiscard]] bool is_divisible() const noexcept;
  /// Without its semicolon, blanks and comments; empty where there is nothing else. Moves `rest` on.
  [[nodiscard]] std::string_view take_next(std::string_view& rest) const noexcept;

  std::string_view text_;
  bool escapes_;
};

}  // namespace querytap::libpq::detail
