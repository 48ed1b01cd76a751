#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace querytap::detail {

/// The memory of one lane: handed out piece by piece, taken back the same way, and freed all at once
/// with the lane.
///
/// No virtual function here or in a lane: a plugin with a copy of the library of its own may make
/// them, and when it is closed its tables of functions are gone.
///
/// Threads  the lane's writer; only give_back() is for any thread.
class page_source {
 public:
  /// `total` is that of all lanes. Past `most` bytes of this one there is no more memory.
  explicit page_source(std::atomic<std::size_t>& total,
                       std::size_t most = std::numeric_limits<std::size_t>::max()) noexcept
      : total_{total}, most_{most} {}

  /// A new T; null when there is no memory to be had. Its destructor is never run.
  template <class T>
  [[nodiscard]] T* make() noexcept {
    static_assert(std::is_trivially_destructible_v<T> && alignof(T) <= alignment);
    void* place = allocate(rounded(sizeof(T)));
    return place == nullptr ? nullptr : new (place) T{};
  }

  /// From any thread, once nobody uses `piece` any more: its memory becomes another piece's.
  template <class T>
  void give_back(T* piece) noexcept {
    static_assert(rounded(sizeof(T)) <= largest_reused);
    give_back(piece, rounded(sizeof(T)));
  }

  /// True if a T can be made of what was given back.
  template <class T>
  [[nodiscard]] bool has_spare() noexcept {
    take_given_back();
    return spare_[list_of(rounded(sizeof(T)))] != nullptr;
  }

 private:
  static constexpr std::size_t alignment = 64;
  static constexpr std::size_t largest_reused = 512;
  // Stands in the memory of a piece that was given back.
  struct spare_piece {
    spare_piece* next;
    std::size_t bytes;
  };

  [[nodiscard]] static constexpr std::size_t rounded(std::size_t bytes) noexcept {
    return (bytes + alignment - 1) / alignment * alignment;
  }
  [[nodiscard]] static constexpr std::size_t list_of(std::size_t bytes) noexcept {
    return bytes / alignment - 1;
  }
  [[nodiscard]] void* allocate(std::size_t bytes) noexcept;
  [[nodiscard]] void* reuse(std::size_t bytes) noexcept;
  void give_back(void* piece, std::size_t bytes) noexcept;
  void take_given_back() noexcept;

  static constexpr std::size_t first_block = std::size_t{16} << 10;
  static constexpr std::size_t next_blocks = std::size_t{64} << 10;

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
  // ORDER pushed with release by whoever gives back, taken with acquire by the writer: what was done
  //       with the piece before is over.
  std::atomic<spare_piece*> given_back_{nullptr};
  std::array<spare_piece*, largest_reused / alignment> spare_{};  // by size
};

}  // namespace querytap::detail
