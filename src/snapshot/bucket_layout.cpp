#include <querytap/snapshot/bucket_layout.hpp>

#include <querytap/base/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace querytap {
namespace {

constexpr std::uint64_t largest_recorded = std::numeric_limits<std::uint64_t>::max();
constexpr double two_to_64 = 18446744073709551616.0;
constexpr double exponential_per_octave = 1 << bucket_layout::scale;

unsigned octave_of(std::uint64_t value) {
  return 63 - static_cast<unsigned>(std::countl_zero(value | 1));
}

std::size_t slice_of(std::uint64_t value) {
  return ((value << std::countl_zero(value | 1)) >> 57) % bucket_layout::slices_per_octave;
}

struct exponential_series {
  int first_index;                   // OpenTelemetry's index of the bucket that ends at edges[0]
  std::vector<std::uint64_t> edges;  // edges[i] ends bucket first_index + i; several may be equal
};

exponential_series exponential_edges(double per_unit) {
  // The bucket that holds the recorded integer 1 is the first that any value above 0 can reach.
  const int first =
      static_cast<int>(std::ceil(std::log2(1 / per_unit) * exponential_per_octave)) - 1;
  exponential_series result{first, {}};
  for (int index = first;; ++index) {
    const double bound = std::exp2((index + 1) / exponential_per_octave);
    if (bound * per_unit >= two_to_64) break;
    result.edges.push_back(bucket_layout::edge_of(bound, per_unit));
  }
  result.edges.push_back(largest_recorded);
  return result;
}

std::vector<double> checked_bounds(std::span<const double> bounds,
                                   std::span<const double> thresholds) {
  std::vector<double> all;
  for (const double bound : bounds) {
    if (!(bound >= 0) || !std::isfinite(bound)) {
      throw configuration_error{"bounds", fmt::format("{}", bound),
                                "expected a finite value, 0 or above"};
    }
    all.push_back(bound);
  }
  for (const double threshold : thresholds) {
    if (!(threshold > 0) || !std::isfinite(threshold)) {
      throw configuration_error{"slo_thresholds", fmt::format("{}", threshold),
                                "expected a positive, finite value"};
    }
    all.push_back(threshold);
  }
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  return all;
}

}  // namespace

std::shared_ptr<const bucket_layout> bucket_layout::make(const instrument& instrument,
                                                         std::span<const double> thresholds) {
  return std::shared_ptr<const bucket_layout>{new bucket_layout{instrument, thresholds}};
}

std::uint64_t bucket_layout::edge_of(double bound, double per_unit) noexcept {
  const double scaled = std::floor(bound * per_unit);
  if (scaled >= two_to_64) return largest_recorded;
  auto edge = static_cast<std::uint64_t>(scaled);
  // The product is rounded; exporters and their readers see the quotients below.
  while (static_cast<double>(edge) / per_unit > bound) --edge;
  while (edge < largest_recorded && static_cast<double>(edge + 1) / per_unit <= bound) ++edge;
  return edge;
}

bucket_layout::bucket_layout(const instrument& instrument, std::span<const double> thresholds)
    : upper_(buckets),
      exponential_(buckets),
      bound_(buckets),
      bounds_{checked_bounds(instrument.bounds, thresholds)},
      recorded_per_unit_{instrument.recorded_per_unit()} {
  for (const double bound : bounds_) bound_edges_.push_back(edge_of(bound, recorded_per_unit_));

  const exponential_series exponential = exponential_edges(recorded_per_unit_);
  std::vector<std::uint64_t> all = exponential.edges;
  all.push_back(0);  // the value 0 has a bucket of its own
  all.insert(all.end(), bound_edges_.begin(), bound_edges_.end());
  std::sort(all.begin(), all.end());
  all.erase(std::unique(all.begin(), all.end()), all.end());
  all.pop_back();  // the maximum ends the last bucket without a compare

  place_edges(all, thresholds);
  map_views(exponential.edges, exponential.first_index);
  find_unsplit();
}

void bucket_layout::place_edges(std::span<const std::uint64_t> sorted,
                                std::span<const double> thresholds) {
  edges_.fill(largest_recorded);
  std::array<std::uint8_t, octaves * slices_per_octave> in_slice{};
  std::array<std::size_t, octaves> in_octave{};
  for (const std::uint64_t edge : sorted) {
    const std::size_t octave = octave_of(edge);
    const std::size_t slice = octave * slices_per_octave + slice_of(edge);
    if (in_octave[octave] == most_edges || ++in_slice[slice] > 2) refuse(edge, thresholds);
    edges_[octave * buckets_per_octave + in_octave[octave]++] = edge;
  }
  for (std::size_t octave = 0; octave < octaves; ++octave) {
    buckets_in_octave_[octave] = static_cast<std::uint8_t>(in_octave[octave] + 1);
  }
  for (std::size_t i = 0; i < in_slice.size(); ++i) {
    const std::size_t octave = i / slices_per_octave;
    const bool starts_octave = i % slices_per_octave == 0;
    first_[i] = static_cast<std::uint16_t>(starts_octave ? octave * buckets_per_octave
                                                         : first_[i - 1] + in_slice[i - 1]);
  }
}

// Out of line, as the constructors of spans are long to compile.
std::span<const double> bucket_layout::bounds() const noexcept { return bounds_; }
std::span<const std::uint64_t> bucket_layout::bound_edges() const noexcept { return bound_edges_; }

bucket_layout::place bucket_layout::find_wide(std::uint64_t value) const noexcept {
  return find_in(octave_of(value) * slices_per_octave + slice_of(value), value);
}

// Most edges come from no option: names the nearest threshold or, without thresholds, the nearest
// bound.
void bucket_layout::refuse(std::uint64_t edge, std::span<const double> thresholds) const {
  const double crowded = static_cast<double>(edge) / recorded_per_unit_;
  const std::span<const double> configured = thresholds.empty() ? bounds_ : thresholds;
  const double nearest = *std::ranges::min_element(
      configured, {}, [crowded](double value) { return std::abs(value - crowded); });
  throw configuration_error{
      thresholds.empty() ? "bounds" : "slo_thresholds", fmt::format("{}", nearest),
      "too close to other bucket bounds: at most two within a 64th of a power of two"};
}

void bucket_layout::map_views(std::span<const std::uint64_t> exponential_edges,
                              int first_exponential_index) {
  for (std::size_t flat = 0; flat < buckets; ++flat) {
    const std::size_t octave = flat / buckets_per_octave;
    const std::uint64_t last_of_octave =
        octave == 63 ? largest_recorded : (std::uint64_t{2} << octave) - 1;
    const std::uint64_t upper = std::min(edges_[flat], last_of_octave);
    upper_[flat] = upper;
    // Of several exponential edges with one integer, values reach the first bucket only.
    const auto ends = std::lower_bound(exponential_edges.begin(), exponential_edges.end(), upper);
    exponential_[flat] = upper == 0 ? zero_bucket
                                    : static_cast<std::int16_t>(first_exponential_index +
                                                                (ends - exponential_edges.begin()));
    const auto bound = std::lower_bound(bound_edges_.begin(), bound_edges_.end(), upper);
    bound_[flat] = static_cast<std::uint16_t>(bound - bound_edges_.begin());
  }
}

void bucket_layout::find_unsplit() noexcept {
  for (std::size_t octave = 0; octave < octaves; ++octave) {
    const std::size_t first = octave * buckets_per_octave;
    std::size_t in_a_row = 1;
    while (in_a_row < buckets_in_octave_[octave] &&
           exponential_[first + in_a_row] == exponential_[first + in_a_row - 1] + 1) {
      ++in_a_row;
    }
    const bool unsplit =
        exponential_[first] != zero_bucket && in_a_row == buckets_in_octave_[octave];
    unsplit_octaves_ |= std::uint64_t{unsplit} << octave;
  }
}

}  // namespace querytap
