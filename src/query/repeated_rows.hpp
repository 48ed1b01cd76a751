#pragma once

#include "fingerprint.hpp"
#include "text_writer.hpp"

#include <cstddef>
#include <cstdint>

namespace querytap::detail {

/// Finds rows of one shape in a row, as in `values (1, 'a'), (2, null)`, so that one of them can
/// stand for all. In a shape null and default are values like any other.
///
/// Told of every token that is written, it answers `true` when the row that has just ended is one
/// too many; what was written since `before_row()` is then to be taken back.
class repeated_rows {
 public:
  struct place {
    text_writer::mark text;
    fingerprint hash;
  };

  /// A list of rows may begin with the next token.
  void expect() noexcept {
    if (state_ == state::in_row) return;
    state_ = state::before_first;
  }

  void open() noexcept {
    if (state_ == state::in_row) {
      ++depth_;
      return;
    }
    const bool begins = state_ == state::before_first || state_ == state::before_next;
    is_first_ = state_ == state::before_first;
    state_ = begins ? state::in_row : state::outside;
    depth_ = 1;
    shape_ = {};
  }

  void comma(const place& here) noexcept {
    if (state_ == state::in_row) return;
    if (state_ == state::after_row) before_row_ = here;
    state_ = state_ == state::after_row ? state::before_next : state::outside;
  }

  void other() noexcept {
    if (state_ != state::in_row) state_ = state::outside;
  }

  void add(std::uint64_t token) noexcept { shape_.add(token); }

  [[nodiscard]] bool close() noexcept {
    if (state_ != state::in_row) state_ = state::outside;
    if (state_ == state::outside || --depth_ != 0) return false;
    state_ = state::after_row;
    const bool is_repeated = !is_first_ && shape_ == kept_;
    kept_ = shape_;
    return is_repeated;
  }

  [[nodiscard]] bool is_in_row() const noexcept { return state_ == state::in_row; }
  [[nodiscard]] const place& before_row() const noexcept { return before_row_; }

 private:
  enum class state : std::uint8_t { outside, before_first, in_row, after_row, before_next };

  state state_ = state::outside;
  bool is_first_ = true;
  std::size_t depth_ = 0;
  fingerprint shape_;
  fingerprint kept_;
  place before_row_;
};

}  // namespace querytap::detail
