#pragma once

#include <atomic>
#include <cstddef>
#include <limits>
#include <memory>
#include <new>
#include <type_traits>
#include <vector>

namespace querytap::detail {

/// The memory of one lane: handed out piece by piece, and freed all at once with the lane.
///
/// No virtual function here or in a lane: a plugin with a copy of the library of its own may make
/// them, and when it is closed its tables of functions are gone.
///
/// Threads  one at a time: the lane's writer.
class page_source {
 public:
  /// `total` is that of all lanes. Past `most` bytes of this one there is no more memory.
  explicit page_source(std::atomic<std::size_t>& total,
                       std::size_t most = std::numeric_limits<std::size_t>::max()) noexcept
      : total_{total}, most_{most} {}

  /// A new T; null when there is no memory to be had. Its destructor is never run.
  template <class T>
  [[nodiscard]] T* make() noexcept {
    static_assert(std::is_trivially_destructible_v<T>);
    void* place = allocate(sizeof(T), alignof(T));
    return place == nullptr ? nullptr : new (place) T{};
  }

 private:
  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) noexcept;

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
};

}  // namespace querytap::detail
