#pragma once

#include "../text/fingerprint.hpp"
#include "../text/writer_state.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <new>

namespace querytap::detail {

/// Finds members of one shape among those members of an object whose keys are data, as in
/// `{"17": {"qty": 1}, "18": {"qty": 2}}`, and retains the first of them for all.
///
/// While such a member is read, the hash is that of the member alone: a repeated shape is found as
/// soon as the member ends, and text and hash are reset to the state before it. Objects may be
/// nested; below a depth that real commands do not reach, and past a number of different shapes,
/// nothing is folded.
class member_folding {
 public:
  static constexpr std::size_t nothing_folded = static_cast<std::size_t>(-1);

  /// Called before the comma and the key are written. `targets` is how many targets the summary
  /// has. False where objects are nested too deep: then no member begins.
  bool begin(const writer_state& writer, std::size_t targets, std::size_t depth) noexcept {
    if (!is_in_object(depth)) {
      if (count_ == frames_.size()) return false;
      ::new (&frames_[count_++].made) frame{.depth = depth};
    }
    top().before = writer;
    top().targets_before = targets;
    return true;
  }

  /// Called between the comma and the key.
  void begin_key(writer_state& writer) noexcept {
    top().outside = writer.hash;
    top().is_in_member = true;
    writer.hash = {};
  }

  /// Ends the member of this depth, if there is one. Gives how many targets stay in the summary.
  std::size_t end_member(writer_state& writer, std::size_t depth) noexcept {
    if (!is_in_object(depth) || !top().is_in_member) return nothing_folded;
    frame& object = top();
    object.is_in_member = false;
    const fingerprint_state shape = writer.hash;
    const auto seen_end =
        object.shapes.begin() + static_cast<std::ptrdiff_t>(object.count_of_shapes);
    if (std::find(object.shapes.begin(), seen_end, shape) != seen_end) {
      writer = object.before;
      return object.targets_before;
    }
    if (object.count_of_shapes != object.shapes.size()) {
      object.shapes[object.count_of_shapes++] = shape;
    }
    writer.hash = object.outside;
    writer.hash.add(shape);
    return nothing_folded;
  }

  /// Called when the object of this depth ends, after its last member.
  void end_object(std::size_t depth) noexcept {
    if (is_in_object(depth)) --count_;
  }

 private:
  struct frame {
    std::size_t depth = 0;
    std::size_t targets_before = 0;
    std::size_t count_of_shapes = 0;
    writer_state before = {};        ///< the state before the member and its comma
    fingerprint_state outside = {};  ///< the hash of all before the member
    bool is_in_member = false;
    std::array<fingerprint_state, 32> shapes = {};
  };

  /// Constructed on first use: most commands have no such key.
  union slot {
    slot() noexcept {}
    frame made;
  };

  [[nodiscard]] frame& top() noexcept { return frames_[count_ - 1].made; }
  [[nodiscard]] bool is_in_object(std::size_t depth) noexcept {
    return count_ != 0 && top().depth == depth;
  }

  std::array<slot, 8> frames_;  // filled as far as `count_`
  std::size_t count_ = 0;
};

}  // namespace querytap::detail
