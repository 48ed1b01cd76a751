#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/snapshot/bucket_layout.hpp>
#include <querytap/snapshot/detail/packed_counts.hpp>
#include <querytap/snapshot/exemplar.hpp>

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace querytap {

/// What a histogram held at one instant, as a plain value.
///
///     const double p99 = data.quantile(0.99);          // in the exported unit
///     const auto classic = data.explicit_counts();     // one count per bound, then +Inf
///
/// Units    `sum`, `min`, `max` are recorded integers; views and quantiles are in the exported
///          unit. A sum of 2^64 - 1 has reached its limit: it is at least that.
/// Cost     two bytes for each bucket of the powers of two that were ever hit; four or eight once a
///          bucket holds more than 65,535.
/// Errors   difference() takes data of the same layout only.
class histogram_data {
 public:
  explicit histogram_data(std::shared_ptr<const bucket_layout> layout) noexcept;

  /// As if nothing had been recorded; the memory stays allocated.
  void clear() noexcept;
  /// Adds `count` values to one bucket; add_range() adds their sum and range.
  void add(std::size_t octave, std::size_t bucket, std::uint64_t count);
  /// Adds whole powers of two at once: for each bit of `octaves` the counts of the buckets that a
  /// value can reach (bucket_layout::buckets_in_octave), one power of two behind the other.
  void add_pages(std::uint64_t octaves, std::span<const std::uint64_t> counts);
  /// Adds to the sum, and widens the range to hold [low, high]. A sum that would exceed 64 bits
  /// stays at the largest number.
  void add_range(std::uint64_t sum, std::uint64_t low, std::uint64_t high) noexcept;
  /// Adds one value, as a recording cell would.
  void record(std::uint64_t value);

  /// Retained while there are few, or if its value is above the least of those retained.
  void add_exemplar(const exemplar& exemplar);

  /// Exact for data of the same layout, and of one that has all bounds of this one. Else a bucket
  /// that holds a bound of this layout is counted above it, though some of its values may be below.
  void merge(const histogram_data& other);
  /// merge() without the exemplars, and its reverse: the range stays as it is then.
  void add_counts(const histogram_data& part);
  void subtract_counts(const histogram_data& part) noexcept;
  /// What was recorded since `earlier`. The exact minimum and maximum are no longer known: the
  /// edges of the outermost buckets stand for them.
  [[nodiscard]] histogram_data difference(const histogram_data& earlier) const;
  /// True if `earlier` may be what this histogram held before: it has the same layout, and no bucket
  /// held more.
  [[nodiscard]] bool contains(const histogram_data& earlier) const noexcept;

  [[nodiscard]] const bucket_layout& layout() const noexcept { return *layout_; }
  [[nodiscard]] const std::shared_ptr<const bucket_layout>& shared_layout() const noexcept {
    return layout_;
  }
  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }
  [[nodiscard]] std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
  [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
  /// The largest value first; `most_exemplars` at most.
  [[nodiscard]] std::span<const exemplar> exemplars() const noexcept;
  static constexpr std::size_t most_exemplars = 8;
  [[nodiscard]] double to_unit(std::uint64_t recorded) const noexcept {
    return static_cast<double>(recorded) / layout_->recorded_per_unit();
  }

  /// The value below which a share `q` of the records lies, interpolated within its bucket and
  /// never outside [min, max]; 0 without records. The result is in the bucket of the true value,
  /// and so at most 9.1 % off; half of that where values spread evenly.
  [[nodiscard]] double quantile(double q) const noexcept;

  struct exponential_view {
    int scale = bucket_layout::scale;
    std::uint64_t zero_count = 0;
    int offset = 0;  ///< OpenTelemetry index of counts[0]
    std::vector<std::uint64_t> counts = {};
  };
  [[nodiscard]] exponential_view exponential() const;
  /// As above, into a view whose memory is used again.
  void exponential(exponential_view& view) const;

  /// Counts between the bounds of the layout, upper bound inclusive; the last one is +Inf.
  [[nodiscard]] std::vector<std::uint64_t> explicit_counts() const;
  /// As above, into `counts`, which has room for one more than there are bounds.
  void explicit_counts(std::span<std::uint64_t> counts) const;

  /// How many values were at or below a threshold of the layout; nothing for any other threshold,
  /// since only an edge has an exact count.
  [[nodiscard]] std::optional<std::uint64_t> count_at_or_below(double threshold) const;

  /// Requests the memory of the counts ahead, for a reader of many histograms in a row.
  void prefetch() const noexcept;

  /// Calls `visit(flat_index, count)` for each bucket that is not empty, in ascending order.
  template <class Visit>
  void for_each_bucket(Visit&& visit) const {
    counts_.visit([&](auto counts) {
      auto next = counts.begin();
      for (std::uint64_t left = octaves_; left != 0; left &= left - 1) {
        const auto octave = static_cast<std::size_t>(std::countr_zero(left));
        for (std::size_t bucket = 0; bucket < layout_->buckets_in_octave()[octave]; ++bucket) {
          if (const std::uint64_t count = *next++; count != 0) {
            visit(octave * bucket_layout::buckets_per_octave + bucket, count);
          }
        }
      }
    });
  }

 private:
  template <class Count>
  void add_to_pages(std::uint64_t octaves, std::span<const Count> counts);
  void make_room(std::uint64_t octaves);
  /// The index in counts_ of a bucket whose power of two has a page.
  [[nodiscard]] std::size_t place_of(std::size_t octave, std::size_t bucket) const noexcept;
  [[nodiscard]] std::uint64_t lower_edge(std::size_t flat) const noexcept;
  [[nodiscard]] std::uint64_t zeros() const noexcept;
  template <class Count>
  void add_exponential(std::span<const Count> counts, int lowest_index,
                       std::span<std::uint64_t> sums) const noexcept;
  template <class Count>
  void add_explicit(std::span<const Count> counts, std::span<std::uint64_t> sums) const noexcept;

  std::shared_ptr<const bucket_layout> layout_;
  std::uint64_t octaves_ = 0;     // a bit for each power of two that has a page in counts_
  detail::packed_counts counts_;  // per set bit, in order, the buckets that a value can reach
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
  std::vector<exemplar> exemplars_;
};

/// `count=4 sum=0.5 (0.0272,0.0297]=1 …`, empty buckets left out: for tests and pages.
[[nodiscard]] std::string to_string(const histogram_data& data);

}  // namespace querytap
