#pragma once

#include <querytap/snapshot/bucket_layout.hpp>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace querytap::detail {

inline constexpr std::size_t buckets_per_page = bucket_layout::buckets_per_octave;

/// A record of a lane that is not yet in its cell, as one word; mostly the duration of the call that
/// the lane's thread made last. A value of a finished call so leaves the processor's clock behind
/// before an address depends on it: the next clock read need not wait for that.
///
/// ORDER    Replaced with release by the lane's thread inside the sequence window of the cell that
///          the old record belongs to, and loaded with acquire by the reader between its two loads of
///          that cell's sequence number: a reader that finds the same number twice has found the
///          record in the word or in the cell, never in both, never in none.
class pending_word {
 public:
  static constexpr std::uint64_t most = (std::uint64_t{1} << 47) - 1;  // 39 hours in nanoseconds

  /// 0 is no record.
  [[nodiscard]] static std::uint64_t made_of(std::uint32_t series, std::uint64_t value) noexcept {
    return std::uint64_t{series} << 48 | std::uint64_t{1} << 47 | value;
  }
  [[nodiscard]] static bool is_of(std::uint32_t series, std::uint64_t word) noexcept {
    return word >> 47 == (std::uint64_t{series} << 1 | 1);
  }
  [[nodiscard]] static std::uint64_t value_of(std::uint64_t word) noexcept { return word & most; }

  [[nodiscard]] std::uint64_t load(std::memory_order order) const noexcept {
    return word_.load(order);
  }
  void store(std::uint64_t word) noexcept { word_.store(word, std::memory_order_release); }

 private:
  std::atomic<std::uint64_t> word_{0};
};

/// What is stored into a pending word while the record before it is written into its cell.
struct pending_change {
  pending_word* word = nullptr;
  std::uint64_t next = 0;

  void apply() const noexcept {
    if (word != nullptr) word->store(next);
  }
};

/// The content of a cell at one instant.
struct cell_image {
  const bucket_layout* layout;  // of the series; set by the reader
  std::uint64_t sum;
  std::uint64_t min;
  std::uint64_t max;
  std::uint64_t octaves;  // bit per power of two that has a page
  // Of the buckets that a value can reach, in the order of the powers of two.
  std::array<std::uint64_t, bucket_layout::buckets> counts;
  std::size_t size;  // of counts
  // Set by the reader: where the lane keeps its pending record, and the series of the cell.
  const pending_word* pending = nullptr;
  std::uint32_t series = 0;
};

class page_source;

/// One histogram series in one lane, or in all lanes that have none of their own: written by one
/// thread at a time, read by any collector.
///
///     const auto place = layout.find(nanoseconds);
///     if (!cell.record(place, nanoseconds)) cell.record_slow(place, nanoseconds, layout, memory);
///
/// Threads  one writer; any number of readers, of which one reads at a time.
/// Cost     ~ 0.6 of an uncontended fetch_add, bench/recording/histogram_bench.cpp. 288 bytes, and
///          some 40 for each power of two that was recorded: 0.5 KiB for the latencies of a query.
///
/// ORDER    A sequence lock whose writer never waits. `sequence_` is odd while a record is being
///          written. Every store of the record is a release store, so that a reader that sees one
///          of these stores also sees the odd number stored before; every load of the reader is an
///          acquire load, so that its second load of `sequence_` comes after them. Free on x86; on
///          a weaker machine a relaxed store would let a reader pair a new bucket with an old sum.
/// WRITER   load + store instead of fetch_add: with one writer nothing can be lost in between, and
///          no locked instruction is emitted.
template <class Counter>
class alignas(32) basic_cell {
 public:
  /// The buckets of one power of two that a value can reach.
  using page = std::atomic<Counter>;

  /// False, with nothing recorded, if the power of two has no near page or if the bucket would
  /// wrap: the caller then calls record_slow().
  [[nodiscard]] bool record(bucket_layout::place place, std::uint64_t value) noexcept {
    page* const bucket = find_bucket(place);
    return bucket != nullptr && record_in(*bucket, value, [] {});
  }

  /// Null if the power of two has no near page.
  [[nodiscard]] page* find_bucket(bucket_layout::place place) const noexcept {
    const std::size_t slot = near_slot_[place.octave].load(std::memory_order_relaxed);
    page* const counters = near_[slot].load(std::memory_order_relaxed);
    return counters == nullptr ? nullptr : counters + place.bucket();
  }

  /// False, with nothing recorded, if the bucket would wrap. `carry` is called while the record is
  /// being written: a reader sees what it stores together with the record.
  template <class Carry>
  [[nodiscard]] bool record_in(page& bucket, std::uint64_t value, Carry carry) noexcept {
    const auto count = static_cast<Counter>(bucket.load(std::memory_order_relaxed) + 1);
    if (count == 0) [[unlikely]]
      return false;
    write(bucket, count, value, carry);
    return true;
  }

  /// Makes the page or the wrap counts that are missing. False, with nothing recorded, if there is
  /// no memory.
  [[nodiscard]] bool record_slow(bucket_layout::place place, std::uint64_t value,
                                 const bucket_layout& layout, page_source& memory,
                                 const pending_change& change = {}) noexcept;

  /// Adds all that another cell of the writer has recorded, at one instant for the readers. False,
  /// with nothing added, if there is no memory. The version grows by that of the other cell.
  [[nodiscard]] bool absorb(const basic_cell& other, const bucket_layout& layout,
                            page_source& memory) noexcept;

  /// Copies a consistent image of the cell. A writer that records without pause would starve a
  /// reader that only retries, so after a few attempts the reader asks the writer for a copy.
  void read(cell_image& image) const noexcept;

  /// Deallocates everything except the cell itself, which must not be used afterwards.
  void deallocate_pages(const bucket_layout& layout, page_source& memory) noexcept;

  /// Prefetch the memory that read() will load: first the cell, then its pages.
  void prefetch() const noexcept;
  void prefetch_pages() const noexcept;

  /// Two for each record, and odd while one is being written; never returns to an earlier value.
  [[nodiscard]] std::uint64_t version() const noexcept {
    return sequence_.load(std::memory_order_acquire);
  }

 private:
  // 19 pages serve values that differ by a factor of 500,000; a table for all powers of two is made
  // when a twentieth page is needed.
  static constexpr std::size_t near_pages = 19;
  using far_table = std::array<std::atomic<page*>, bucket_layout::octaves>;
  // How often each bucket has wrapped; a page for each power of two with a bucket that did.
  using wrap_counts = std::array<std::atomic<std::uint64_t>, buckets_per_page>;
  using wrap_table = std::array<std::atomic<wrap_counts*>, bucket_layout::octaves>;

  template <class Carry>
  void write(std::atomic<Counter>& bucket, Counter count, std::uint64_t value,
             Carry carry) noexcept {
    // ORDER relaxed loads: only this thread writes these values.
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
    // ORDER relaxed: this load only decides whether to call serve_reader(), which acquires.
    if (reader_.load(std::memory_order_relaxed) != no_reader) [[unlikely]]
      serve_reader();
  }

  void widen(std::uint64_t min, std::uint64_t value, bool first) noexcept;
  [[nodiscard]] wrap_counts* wraps_at(std::size_t octave, std::memory_order order) const noexcept;
  [[nodiscard]] bool make_room_for(const basic_cell& other, const bucket_layout& layout,
                                   page_source& memory) noexcept;
  void add_buckets(const basic_cell& other, std::size_t octave, std::size_t size) noexcept;
  void add_range(const basic_cell& other, bool first) noexcept;
  [[nodiscard]] page* page_at(std::size_t octave, std::memory_order order) const noexcept;
  [[nodiscard]] page* make_page(std::size_t octave, std::size_t buckets,
                                page_source& memory) noexcept;
  [[nodiscard]] wrap_counts* make_wraps(std::size_t octave, page_source& memory) noexcept;
  void copy(cell_image& image, std::memory_order order) const noexcept;
  [[nodiscard]] bool try_read(cell_image& image) const noexcept;
  void serve_reader() noexcept;

  // The values of reader_ besides the address of the cell_image that a reader wants filled.
  static constexpr std::uintptr_t no_reader = 0;
  static constexpr std::uintptr_t being_served = 1;

  std::atomic<std::uint64_t> sequence_{0};
  std::atomic<std::uint64_t> sum_{0};  // modulo 2^64: the collector knows if it has wrapped
  // The maximum is min_ + range_. Minimum and range have no meaning before the first record.
  std::atomic<std::uint64_t> min_{0};
  std::atomic<std::uint64_t> range_{0};
  // ORDER a reader posts its image with release and the writer takes it with acquire, so that the
  //       reader's stores into the image come before the writer's; the writer answers with release,
  //       so that the reader sees the copy.
  mutable std::atomic<std::uintptr_t> reader_{no_reader};
  // ORDER the next three and what they point to are published with release and read with acquire.
  std::atomic<std::uint64_t> octaves_{0};  // bit per power of two that has a page
  std::atomic<far_table*> far_{nullptr};
  std::atomic<wrap_table*> wraps_{nullptr};
  // The index in near_ of each power's page; 0 for a power without a page: near_[0] stays null.
  std::array<std::atomic<std::uint8_t>, bucket_layout::octaves> near_slot_{};
  std::array<std::atomic<page*>, 1 + near_pages> near_{};
};

using cell = basic_cell<std::uint32_t>;

static_assert(sizeof(cell) == 288);

extern template class basic_cell<std::uint32_t>;
extern template class basic_cell<std::uint8_t>;  // wraps soon enough for a test

}  // namespace querytap::detail
