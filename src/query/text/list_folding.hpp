#pragma once

#include "fingerprint.hpp"
#include "writer_state.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <new>

namespace querytap::detail {

/// Finds items of one shape in a row, as in `in (1, 2)` or `values (1, 'a'), (2, 'b')`, so that one
/// of them can stand for all.
///
/// While an item is read, the hash is that of the item alone: what has been seen twice is noticed at
/// once, and taken back from text and hash as if it had never been there. Lists may stand in one
/// another; deeper than anyone writes, nothing is folded.
class list_folding {
 public:
  enum class form : std::uint8_t {
    list,  ///< items between commas, at the depth of the list
    rows,  ///< items in parentheses, one level deeper
  };

  /// Whether a list was begun at this depth; then its next item may begin too.
  bool begin(form as, std::size_t depth) noexcept {
    if (count_ == frames_.size()) return false;
    ::new (&frames_[count_++].made) frame{.depth = depth, .as = as};
    return true;
  }

  /// The comma that is about to be put belongs to the list, and to the item that follows.
  void separate(const writer_state& now) noexcept { top().before_item = now; }

  void begin_item(writer_state& now) noexcept {
    frame& list = top();
    list.outside = now.hash;
    list.is_in_item = true;
    now.hash = {};
  }

  void end_item(writer_state& now) noexcept {
    frame& list = top();
    list.is_in_item = false;
    if (list.items != 0 && now.hash == list.shape) {
      now = list.before_item;
      return;
    }
    ++list.items;
    list.shape = now.hash;
    now.hash = list.outside;
    now.hash.add(list.shape);
  }

  /// What is open inside of this depth ends here, as it is.
  void end_deeper_than(std::size_t depth, writer_state& now) noexcept {
    while (count_ != 0 && top().depth > depth) end(now);
  }
  void end(writer_state& now) noexcept {
    if (top().is_in_item) end_item(now);
    --count_;
  }

  /// Of the item that ended last.
  [[nodiscard]] const fingerprint& last_shape() const noexcept { return top().shape; }

  [[nodiscard]] bool is_in_list(std::size_t depth) const noexcept {
    return is(form::list) && top().depth == depth;
  }
  [[nodiscard]] bool is_in_row() const noexcept { return is(form::rows) && top().is_in_item; }
  [[nodiscard]] bool is_in_row_of(std::size_t depth) const noexcept {
    return is_in_row() && top().depth == depth;
  }
  [[nodiscard]] bool is_any() const noexcept { return count_ != 0; }

 private:
  struct frame {
    std::size_t depth = 0;
    std::size_t items = 0;
    writer_state before_item = {};  ///< and before its comma
    fingerprint outside = {};       ///< of all before the item
    fingerprint shape = {};         ///< of the last item
    form as = form::list;
    bool is_in_item = false;
  };

  static constexpr std::size_t deepest = 8;

  /// Most statements need none of them: they are made when they are.
  union slot {
    slot() noexcept {}
    frame made;
  };

  [[nodiscard]] frame& top() noexcept { return frames_[count_ - 1].made; }
  [[nodiscard]] const frame& top() const noexcept { return frames_[count_ - 1].made; }
  [[nodiscard]] bool is(form which) const noexcept { return count_ != 0 && top().as == which; }

  std::array<slot, deepest> frames_;  // filled as far as `count_`
  std::size_t count_ = 0;
};

}  // namespace querytap::detail
