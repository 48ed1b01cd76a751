#pragma once

#include <querytap/snapshot/bucket_layout.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

inline constexpr std::size_t buckets_per_page = bucket_layout::buckets_per_octave;

/// What a cell held at one instant.
struct cell_image {
  const bucket_layout* layout;  // of the series; said by the reader
  std::uint64_t sum;
  std::uint64_t min;
  std::uint64_t max;
  std::uint64_t octaves;  // bit per power of two that has a page
  // Of the buckets that a value can reach, one power of two behind the other.
  std::array<std::uint64_t, bucket_layout::buckets> counts;
  std::size_t size;  // of counts
};

class page_source;

/// One histogram series in one lane: written by the lane's thread alone, read by any collector.
///
///     const auto where = layout.find(nanoseconds);
///     if (!cell.record(where, nanoseconds)) cell.record_slow(where, nanoseconds, layout, memory);
///
/// Threads  one writer; any number of readers, one at a time.
/// Cost     ~ 0.6 of an uncontended fetch_add, bench/recording/histogram_bench.cpp. 288 bytes, and
///          some 40 for each power of two that was ever hit: 0.5 KiB for a query's latencies.
///
/// ORDER    A sequence lock whose writer never waits. `sequence_` is odd while a record is being
///          written. Every store of the record is a release store, so that a reader that sees one
///          of them also sees the odd number stored before; every load of the reader is an acquire
///          load, so that its second look at `sequence_` comes after them. Free on x86; on a weaker
///          machine a relaxed store here would let a reader pair a new bucket with an old sum.
/// WRITER   load + store instead of fetch_add: with one writer nothing can be lost in between, and
///          no locked instruction is emitted.
template <class Counter>
class alignas(32) basic_cell {
 public:
  /// The buckets of one power of two that a value can reach.
  using page = std::atomic<Counter>;

  /// False, and nothing done, if the power of two has no near page or if the bucket would wrap:
  /// record_slow() does it then.
  [[nodiscard]] bool record(bucket_layout::place where, std::uint64_t value) noexcept {
    const std::size_t slot = near_slot_[where.octave].load(std::memory_order_relaxed);
    page* in = near_[slot].load(std::memory_order_relaxed);
    if (in == nullptr) [[unlikely]]
      return false;
    std::atomic<Counter>& bucket = in[where.bucket()];
    const auto count = static_cast<Counter>(bucket.load(std::memory_order_relaxed) + 1);
    if (count == 0) [[unlikely]]
      return false;
    write(bucket, count, value, [] {});
    return true;
  }

  /// Makes what is missing first. False if there is no memory: the value is not recorded.
  [[nodiscard]] bool record_slow(bucket_layout::place where, std::uint64_t value,
                                 const bucket_layout& layout, page_source& memory) noexcept;

  /// Copies a consistent image of the cell. A writer that records without pause would starve a
  /// reader that only retries, so after a few tries the reader asks it for a copy.
  void read(cell_image& to) const noexcept;

  /// Gives back everything but the cell itself, which is then to be made anew.
  void give_back(const bucket_layout& layout, page_source& to) noexcept;

  /// Ask for the memory that read() will look at: first for the cell, then for what it points to.
  void prefetch() const noexcept;
  void prefetch_pages() const noexcept;

  /// Changes with every record, and never returns to an earlier value.
  [[nodiscard]] std::uint64_t version() const noexcept {
    return sequence_.load(std::memory_order_acquire);
  }

 private:
  // 19 pages serve values that differ by a factor of 500,000; a table for all powers of two is made
  // when a twentieth page is needed.
  static constexpr std::size_t near_pages = 19;
  using far_table = std::array<std::atomic<page*>, bucket_layout::octaves>;
  // How often each bucket has wrapped; a page for each power of two in which one did.
  using wrap_counts = std::array<std::atomic<std::uint64_t>, buckets_per_page>;
  using wrap_table = std::array<std::atomic<wrap_counts*>, bucket_layout::octaves>;

  template <class Carry>
  void write(std::atomic<Counter>& bucket, Counter count, std::uint64_t value,
             Carry carry) noexcept {
    // ORDER relaxed loads: this thread wrote these values itself.
    const std::uint64_t before = sequence_.load(std::memory_order_relaxed);
    sequence_.store(before + 1, std::memory_order_relaxed);
    bucket.store(count, std::memory_order_release);
    sum_.store(sum_.load(std::memory_order_relaxed) + value, std::memory_order_release);
    const std::uint64_t min = min_.load(std::memory_order_relaxed);
    // One compare for both ends: below the minimum the difference wraps to something very large.
    if (value - min > range_.load(std::memory_order_relaxed)) [[unlikely]]
      widen(min, value, before == 0);
    carry();
    sequence_.store(before + 2, std::memory_order_release);
    // ORDER relaxed: only asks whether to go and look; serve_reader() acquires.
    if (reader_.load(std::memory_order_relaxed) != no_reader) [[unlikely]]
      serve_reader();
  }

  void widen(std::uint64_t min, std::uint64_t value, bool first) noexcept;
  [[nodiscard]] page* page_at(std::size_t octave, std::memory_order order) const noexcept;
  [[nodiscard]] page* make_page(std::size_t octave, std::size_t buckets,
                                page_source& memory) noexcept;
  [[nodiscard]] wrap_counts* make_wraps(std::size_t octave, page_source& memory) noexcept;
  void copy(cell_image& to, std::memory_order order) const noexcept;
  [[nodiscard]] bool try_read(cell_image& to) const noexcept;
  void serve_reader() noexcept;

  // What reader_ holds besides the address of the cell_image that a reader wants filled.
  static constexpr std::uintptr_t no_reader = 0;
  static constexpr std::uintptr_t being_served = 1;

  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<std::uint64_t> sum_{0};
  // The maximum is min_ + range_. Both mean nothing before the first record.
  std::atomic<std::uint64_t> min_{0};
  std::atomic<std::uint64_t> range_{0};
  // ORDER a reader posts with release and the writer takes with acquire, so that the image is the
  //       reader's no more; the writer answers with release and the reader sees the copy.
  mutable std::atomic<std::uintptr_t> reader_{no_reader};
  // ORDER the next three and what they point to are published with release and read with acquire.
  std::atomic<std::uint64_t> octaves_{0};  // bit per power of two that has a page
  std::atomic<far_table*> far_{nullptr};
  std::atomic<wrap_table*> wraps_{nullptr};
  // Where in near_ the page of each power of two is; near_[0] stays null, for those that have none.
  std::array<std::atomic<std::uint8_t>, bucket_layout::octaves> near_slot_{};
  std::array<std::atomic<page*>, 1 + near_pages> near_{};
};

using cell = basic_cell<std::uint32_t>;

static_assert(sizeof(cell) == 288);

extern template class basic_cell<std::uint32_t>;
extern template class basic_cell<std::uint8_t>;  // wraps soon enough for a test to see it

}  // namespace querytap::detail
