#pragma once

#include "fingerprint.hpp"
#include "writer_state.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace querytap::detail {

/// Finds items of one shape in a row, as in `in (1, 2)` or `values (1, 'a'), (2, 'b')`, and retains
/// the first of them for all.
///
/// While an item is read, the hash is that of the item alone: a repeated item is found as soon as
/// it ends, and text and hash are reset to the state before it. Lists may be nested; below a depth
/// that real statements do not reach, nothing is folded.
class list_folding {
 public:
  enum class form : std::uint8_t {
    list,  ///< items between commas, at the depth of the list
    rows,  ///< items in parentheses, one level deeper
  };

  /// Begins a list at this depth. False where lists are nested too deep: then no item may begin.
  bool begin(form as, std::size_t depth) noexcept {
    if (count_ == frames_.size()) return false;
    ::new (&frames_[count_++].made) frame{.depth = depth, .as = as};
    return true;
  }

  /// Called before the comma is written: it belongs to the item that follows, and is taken back
  /// with it. `targets` is how many targets the summary has: those of the item are taken back too.
  void separate(const writer_state& writer, std::size_t targets) noexcept {
    top().before_item = writer;
    top().targets_before = std::min(targets, folded_);
  }

  void begin_item(writer_state& writer) noexcept {
    frame& list = top();
    list.outside = writer.hash;
    list.is_in_item = true;
    writer.hash = {};
  }

  void end_item(writer_state& writer) noexcept {
    frame& list = top();
    list.is_in_item = false;
    if (list.items != 0 && writer.hash == list.shape) {
      writer = list.before_item;
      folded_ = std::min(folded_, list.targets_before);
      return;
    }
    ++list.items;
    list.shape = writer.hash;
    writer.hash = list.outside;
    writer.hash.add(list.shape);
  }

  /// Ends all lists that are open below this depth.
  void end_deeper_than(std::size_t depth, writer_state& writer) noexcept {
    while (count_ != 0 && top().depth > depth) end(writer);
  }
  void end(writer_state& writer) noexcept {
    if (top().is_in_item) end_item(writer);
    --count_;
  }

  static constexpr std::size_t nothing_folded = static_cast<std::size_t>(-1);

  /// How many targets stay of those that the summary has, or `nothing_folded`; once.
  [[nodiscard]] std::size_t take_folded() noexcept {
    return std::exchange(folded_, nothing_folded);
  }

  /// The hash of the item that ended last.
  [[nodiscard]] const fingerprint_state& last_shape() const noexcept { return top().shape; }

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
    std::size_t targets_before = 0;  ///< the targets of the summary before the item
    writer_state before_item = {};   ///< the state before the item and its comma
    fingerprint_state outside = {};  ///< the hash of all before the item
    fingerprint_state shape = {};    ///< the hash of the last item
    form as = form::list;
    bool is_in_item = false;
  };

  static constexpr std::size_t deepest = 8;

  /// Constructed on first use: most statements have no list.
  union slot {
    slot() noexcept {}
    frame made;
  };

  [[nodiscard]] frame& top() noexcept { return frames_[count_ - 1].made; }
  [[nodiscard]] const frame& top() const noexcept { return frames_[count_ - 1].made; }
  [[nodiscard]] bool is(form kind) const noexcept { return count_ != 0 && top().as == kind; }

  std::array<slot, deepest> frames_;  // filled as far as `count_`
  std::size_t count_ = 0;
  std::size_t folded_ = nothing_folded;
};

}  // namespace querytap::detail
