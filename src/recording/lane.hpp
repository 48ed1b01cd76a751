#pragma once

#include <querytap/recording/lane.hpp>
#include <querytap/recording/series.hpp>

#include <cstddef>
#include <memory>
#include <vector>

namespace querytap::detail {

/// All the cells of one thread, and their memory, which is freed with the lane and never before.
///
/// Threads  one writer at a time; a lane is handed from a thread that ended to a new one under the
///          registry's mutex, which orders their writes.
class lane final : public lane_directory, private page_source {
 public:
  /// `bytes` is the total of all lanes; named series get no new cells above `byte_limit`.
  lane(std::uint64_t recorder_id, std::atomic<std::size_t>& bytes, std::size_t byte_limit) noexcept
      : lane_directory{recorder_id}, bytes_{bytes}, byte_limit_{byte_limit} {
    for (auto& chunk : cells) chunk.store(&no_cells, std::memory_order_relaxed);
    bytes_.fetch_add(sizeof *this, std::memory_order_relaxed);
  }

  /// False if there is no memory: nothing is recorded.
  [[nodiscard]] bool record(series& to, std::uint64_t value) noexcept;
  [[nodiscard]] bool add(series& to, std::uint64_t amount) noexcept;

 private:
  static constexpr std::size_t first_block = std::size_t{16} << 10;
  static constexpr std::size_t next_blocks = std::size_t{64} << 10;

  struct free_block {
    void operator()(std::byte* block) const noexcept;
  };

  [[nodiscard]] void* allocate(std::size_t bytes, std::size_t alignment) noexcept override;
  [[nodiscard]] bool add_block(std::size_t at_least) noexcept;
  [[nodiscard]] cell* find_or_make_cell(series& to) noexcept;
  [[nodiscard]] cell* make_cell(position of) noexcept;

  inline static constinit cell_chunk no_cells{};

  // ORDER relaxed: a total for a limit and a self-metric; nothing is published with it.
  std::atomic<std::size_t>& bytes_;
  const std::size_t byte_limit_;
  std::vector<std::unique_ptr<std::byte, free_block>> blocks_;
  std::byte* next_ = nullptr;
  std::size_t left_ = 0;
};

}  // namespace querytap::detail
