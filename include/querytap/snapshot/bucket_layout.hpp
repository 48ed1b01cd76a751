#pragma once

#include <querytap/base/smart_pointers.hpp>
#include <querytap/snapshot/instrument.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace querytap {

/// Which bucket a recorded integer falls into: the sorted union of the base-2 exponential edges at
/// scale 3, the explicit bounds of the instrument and the service level thresholds of the user.
/// Every view of a histogram is then an exact sum of the same counts.
///
///     const bucket_layout& layout = *bucket_layout::make(catalog::operation_duration, {});
///     const bucket_layout::place place = layout.find(2'000'000);   // 2 ms
///
/// Units    values are the instrument's recorded integers (nanoseconds for `s`); edges are the
///          largest integer whose exported value is at or below the bound, upper bound inclusive.
/// Threads  immutable once made.
/// Cost     find(): two table reads and two compares; one branch, which only values of 2^53 and
///          above take.
/// Errors   configuration_error for bounds and thresholds that are not finite numbers of the right
///          sign, or that lie so close together that a 64th of an octave would hold more than two
///          edges, or an octave more than fifteen.
/// Source   OpenTelemetry exponential histogram: bucket i covers (2^(i/8), 2^((i+1)/8)].
class bucket_layout {
 public:
  static constexpr int scale = 3;
  static constexpr std::size_t octaves = 64;
  static constexpr std::size_t buckets_per_octave = 16;
  static constexpr std::size_t most_edges = buckets_per_octave - 1;
  // So thin that two thresholds some 3 % apart never share a slice with a third edge.
  static constexpr std::size_t slices_per_octave = 64;
  /// Octave 0 starts at 0: values 0 and 1 share it, apart.
  static constexpr std::size_t buckets = octaves * buckets_per_octave;
  static constexpr std::int16_t zero_bucket = INT16_MIN;

  struct place {
    std::size_t octave;
    std::size_t flat;  ///< octave * 16 + bucket

    [[nodiscard]] std::size_t bucket() const noexcept { return flat % buckets_per_octave; }
  };

  [[nodiscard]] static std::shared_ptr<const bucket_layout> make(
      const instrument& instrument, std::span<const double> thresholds);

  [[nodiscard]] place find(std::uint64_t value) const noexcept {
    if (value >= exact_in_double) [[unlikely]]
      return find_wide(value);
    // The power of two and the six bits after the leading one stand side by side in a double: 6 %
    // faster, the record included, than a bit scan and a shift by its result. 0 has no leading one,
    // and shares the slice of 1. A signed integer is cheaper to convert.
    const auto scaled =
        static_cast<double>(static_cast<std::int64_t>(value + (value == 0 ? 1 : 0)));
    const auto bits = std::bit_cast<std::uint64_t>(scaled);
    return find_in((bits >> (mantissa_bits - slice_bits)) - exponent_of_one * slices_per_octave,
                   value);
  }

  /// How many buckets of each power of two any value can reach: they come first.
  [[nodiscard]] const std::array<std::uint8_t, octaves>& buckets_in_octave() const noexcept {
    return buckets_in_octave_;
  }
  /// Largest value of a bucket, by flat index octave * 16 + bucket; buckets that no value can reach
  /// repeat the edge before them.
  [[nodiscard]] std::uint64_t upper_edge(std::size_t flat) const noexcept { return upper_[flat]; }
  /// The exponential bucket that a bucket is a part of; `zero_bucket` for the value 0.
  [[nodiscard]] std::int16_t exponential_index(std::size_t flat) const noexcept {
    return exponential_[flat];
  }
  /// True if the buckets of a power of two that a value can reach are exponential buckets in a row:
  /// no bound splits any of them.
  [[nodiscard]] bool is_unsplit(std::size_t octave) const noexcept {
    return (unsplit_octaves_ >> octave & 1U) != 0;
  }
  /// The classic bucket that a bucket is a part of: the first bound at or above it.
  [[nodiscard]] std::size_t bound_index(std::size_t flat) const noexcept { return bound_[flat]; }

  /// Explicit bounds and thresholds together, ascending, in the exported unit.
  [[nodiscard]] std::span<const double> bounds() const noexcept;
  /// Those bounds as recorded integers.
  [[nodiscard]] std::span<const std::uint64_t> bound_edges() const noexcept;
  [[nodiscard]] double recorded_per_unit() const noexcept { return recorded_per_unit_; }

  /// The largest recorded integer whose exported value, `integer / per_unit`, is at most `bound`.
  [[nodiscard]] static std::uint64_t edge_of(double bound, double per_unit) noexcept;

 private:
  static constexpr int slice_bits = 6;
  static constexpr int mantissa_bits = 52;
  static constexpr std::uint64_t exponent_of_one = 1023;
  static constexpr std::uint64_t exact_in_double = std::uint64_t{1} << (mantissa_bits + 1);
  static_assert(slices_per_octave == 1 << slice_bits && std::numeric_limits<double>::is_iec559);

  [[nodiscard]] place find_in(std::uint64_t slice, std::uint64_t value) const noexcept {
    const std::uint64_t first = first_[slice];
    const std::uint64_t* edges = &edges_[first];
    return {slice / slices_per_octave, first + (value > edges[0]) + (value > edges[1])};
  }
  [[nodiscard]] place find_wide(std::uint64_t value) const noexcept;

  bucket_layout(const instrument& instrument, std::span<const double> thresholds);
  void place_edges(std::span<const std::uint64_t> sorted, std::span<const double> thresholds);
  [[noreturn]] void refuse(std::uint64_t edge, std::span<const double> thresholds) const;
  void map_views(std::span<const std::uint64_t> exponential_edges, int first_exponential_index);
  void find_unsplit() noexcept;

  // The first bucket that reaches into each slice; 0 is in the slice of 1.
  std::array<std::uint16_t, slices_per_octave * octaves> first_{};
  // The edges of each octave, ascending, padded with the maximum. A read past the fifteenth edge
  // meets the next octave, whose edges no value of this octave exceeds.
  std::array<std::uint64_t, buckets + 1> edges_;
  std::array<std::uint8_t, octaves> buckets_in_octave_{};
  std::uint64_t unsplit_octaves_ = 0;  // one bit for each octave
  std::vector<std::uint64_t> upper_;
  std::vector<std::int16_t> exponential_;
  std::vector<std::uint16_t> bound_;
  std::vector<double> bounds_;
  std::vector<std::uint64_t> bound_edges_;
  double recorded_per_unit_;
};

}  // namespace querytap
