#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace querytap::detail {

namespace pieces {

// Small pieces, which are pages of counters, are packed; large ones are aligned for any type.
inline constexpr std::size_t small_alignment = 4;
inline constexpr std::size_t large_alignment = 32;
inline constexpr std::size_t smallest = 16;
inline constexpr std::size_t smallest_large = 68;
inline constexpr std::size_t largest_reused = 512;

[[nodiscard]] constexpr std::size_t alignment_of(std::size_t bytes) noexcept {
  return bytes < smallest_large ? small_alignment : large_alignment;
}
[[nodiscard]] constexpr std::size_t rounded(std::size_t bytes) noexcept {
  const std::size_t alignment = alignment_of(bytes);
  return std::max((bytes + alignment - 1) / alignment * alignment, smallest);
}
// The index of the list of spare pieces of a rounded size: one list for each.
[[nodiscard]] constexpr std::size_t list_of(std::size_t bytes) noexcept {
  return bytes < smallest_large ? bytes / small_alignment
                                : smallest_large / small_alignment + bytes / large_alignment;
}

// Written into the memory of a deallocated piece, which may not be aligned for it.
struct spare {
  void* next;
  std::size_t bytes;
};
static_assert(sizeof(spare) <= smallest);

}  // namespace pieces

/// The memory of one lane: allocated and deallocated piece by piece, and freed as a whole with the
/// lane.
///
/// No virtual function here or in a lane: a plugin with a copy of the library of its own may
/// construct them, and their tables of functions are gone once it is closed.
///
/// Threads  the writer of the lane; only deallocate() and deallocate_array() are for any thread.
class page_source {
 public:
  /// `total` counts the bytes of all lanes. This source allocates at most `most` bytes.
  explicit page_source(std::atomic<std::size_t>& total,
                       std::size_t most = std::numeric_limits<std::size_t>::max()) noexcept
      : total_{total}, most_{most} {}

  /// A new T; null if there is no memory. Its destructor is never run.
  template <class T>
  [[nodiscard]] T* make() noexcept {
    static_assert(std::is_trivially_destructible_v<T> &&
                  alignof(T) <= pieces::alignment_of(sizeof(T)));
    void* place = allocate(pieces::rounded(sizeof(T)));
    return place == nullptr ? nullptr : new (place) T{};
  }

  /// An array of `count` new Ts; null if there is no memory.
  template <class T>
  [[nodiscard]] T* make_array(std::size_t count) noexcept {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= pieces::small_alignment);
    void* place = allocate(pieces::rounded(count * sizeof(T)));
    if (place == nullptr) return nullptr;
    T* const first = static_cast<T*>(place);
    std::uninitialized_value_construct_n(first, count);
    return first;
  }

  /// From any thread, once no thread uses `piece`: its memory is used for other pieces.
  template <class T>
  void deallocate(T* piece) noexcept {
    static_assert(pieces::rounded(sizeof(T)) <= pieces::largest_reused);
    deallocate(piece, pieces::rounded(sizeof(T)));
  }
  template <class T>
  void deallocate_array(T* first, std::size_t count) noexcept {
    deallocate(first, pieces::rounded(count * sizeof(T)));
  }

  /// True if a T can be made from deallocated memory.
  template <class T>
  [[nodiscard]] bool has_spare() noexcept {
    take_deallocated();
    return spare_[pieces::list_of(pieces::rounded(sizeof(T)))] != nullptr;
  }

 private:
  [[nodiscard]] void* allocate(std::size_t bytes) noexcept;
  [[nodiscard]] void* reuse(std::size_t bytes) noexcept;
  void deallocate(void* piece, std::size_t bytes) noexcept;
  void take_deallocated() noexcept;

  // A block is an eighth of what the pieces take, within these bounds: of many small lanes, little is
  // left over, and a large one has few blocks.
  static constexpr std::size_t smallest_block = std::size_t{8} << 10;
  static constexpr std::size_t largest_block = std::size_t{64} << 10;

  struct free_block {
    void operator()(std::byte* block) const noexcept;
  };

  [[nodiscard]] bool add_block(std::size_t at_least) noexcept;

  // ORDER relaxed: a total for a limit and a self-metric; nothing is published with it.
  std::atomic<std::size_t>& total_;
  const std::size_t most_;
  std::size_t used_ = 0;
  std::vector<std::unique_ptr<std::byte, free_block>> blocks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
  // ORDER pushed with release by the deallocating thread, taken with acquire by the writer: every
  //       access to the piece comes before its reuse.
  std::atomic<void*> deallocated_{nullptr};
  std::array<void*, pieces::list_of(pieces::largest_reused) + 1> spare_{};  // by size
};

}  // namespace querytap::detail
