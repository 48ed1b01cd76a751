#include <querytap/snapshot/histogram_data.hpp>

#include "../base/saturating.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

namespace querytap {
namespace {

constexpr std::size_t page_size = bucket_layout::buckets_per_octave;

std::uint64_t octave_bit(std::size_t octave) { return std::uint64_t{1} << octave; }
std::size_t lowest_octave(std::uint64_t octaves) {
  return static_cast<std::size_t>(std::countr_zero(octaves));
}

}  // namespace

histogram_data::histogram_data(std::shared_ptr<const bucket_layout> layout) noexcept
    : layout_{std::move(layout)} {}

void histogram_data::prefetch() const noexcept {
  constexpr std::size_t line = 64;
  counts_.visit([](auto counts) {
    const auto bytes = std::as_bytes(counts);
    for (std::size_t i = 0; i < bytes.size(); i += line) __builtin_prefetch(bytes.data() + i);
  });
}

void histogram_data::make_room(std::uint64_t octaves) {
  if ((octaves & ~octaves_) == 0) return;
  std::size_t at = 0;
  for (std::uint64_t left = octaves_ | octaves; left != 0; left &= left - 1) {
    const std::size_t size = layout_->buckets_in_octave()[lowest_octave(left)];
    if ((octaves_ & left & -left) == 0) counts_.insert_zeros(at, size);
    at += size;
  }
  octaves_ |= octaves;
}

std::size_t histogram_data::place_of(std::size_t octave, std::size_t bucket) const noexcept {
  std::size_t place = bucket;
  for (std::uint64_t left = octaves_ & (octave_bit(octave) - 1); left != 0; left &= left - 1) {
    place += layout_->buckets_in_octave()[lowest_octave(left)];
  }
  return place;
}

void histogram_data::clear() noexcept {
  octaves_ = 0;
  counts_.clear();
  count_ = 0;
  sum_ = 0;
  min_ = UINT64_MAX;
  max_ = 0;
  exemplars_.clear();
}

void histogram_data::add_pages(std::uint64_t octaves, std::span<const std::uint64_t> counts) {
  if (octaves_ == 0) {
    count_ += counts_.assign(counts);
    octaves_ = octaves;
  } else {
    count_ += std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    add_to_pages(octaves, counts);
  }
}

template <class Count>
void histogram_data::add_to_pages(std::uint64_t octaves, std::span<const Count> counts) {
  make_room(octaves);
  std::size_t added = 0;
  std::size_t at = 0;
  for (std::uint64_t left = octaves_; left != 0; left &= left - 1) {
    const std::size_t size = layout_->buckets_in_octave()[lowest_octave(left)];
    if ((octaves & left & -left) != 0) {
      counts_.add(at, counts.subspan(added, size));
      added += size;
    }
    at += size;
  }
}

void histogram_data::add(std::size_t octave, std::size_t bucket, std::uint64_t count) {
  if (count == 0) return;
  make_room(octave_bit(octave));
  counts_.add(place_of(octave, bucket), std::span<const std::uint64_t>{&count, 1});
  count_ += count;
}

void histogram_data::add_range(std::uint64_t sum, std::uint64_t low, std::uint64_t high) noexcept {
  sum_ = detail::saturating_sum(sum_, sum);
  min_ = std::min(min_, low);
  max_ = std::max(max_, high);
}

void histogram_data::record(std::uint64_t value) {
  const bucket_layout::place place = layout_->find(value);
  add(place.octave, place.bucket(), 1);
  add_range(value, value, value);
}

void histogram_data::add_exemplar(const exemplar& exemplar) {
  const auto place = std::ranges::upper_bound(exemplars_, exemplar.value, std::greater{},
                                              &querytap::exemplar::value);
  exemplars_.insert(place, exemplar);
  if (exemplars_.size() > most_exemplars) exemplars_.pop_back();
}

// Out of line, as a span's constructor is long to compile.
std::span<const exemplar> histogram_data::exemplars() const noexcept { return exemplars_; }

void histogram_data::merge(const histogram_data& other) {
  add_counts(other);
  for (const exemplar& added : other.exemplars_) add_exemplar(added);
}

void histogram_data::add_counts(const histogram_data& part) {
  add_range(part.sum_, part.min_, part.max_);
  if (layout_ == part.layout_) {
    part.counts_.visit([&](auto counts) { add_to_pages(part.octaves_, counts); });
    count_ += part.count_;
  } else {
    part.for_each_bucket([&](std::size_t flat, std::uint64_t count) {
      const bucket_layout::place place = layout_->find(part.layout_->upper_edge(flat));
      add(place.octave, place.bucket(), count);
    });
  }
}

void histogram_data::subtract_counts(const histogram_data& part) noexcept {
  part.for_each_bucket([&](std::size_t flat, std::uint64_t count) {
    if (layout_ != part.layout_) {
      const bucket_layout::place place = layout_->find(part.layout_->upper_edge(flat));
      flat = place.octave * page_size + place.bucket();
    }
    counts_.subtract(place_of(flat / page_size, flat % page_size), count);
  });
  sum_ -= part.sum_;  // of a sum at its limit, too: the differences add up to the limit then
  count_ -= part.count_;
}

histogram_data histogram_data::difference(const histogram_data& earlier) const {
  assert(layout_ == earlier.layout_);
  histogram_data result{*this};
  result.make_room(earlier.octaves_);
  result.subtract_counts(earlier);
  bool found = false;
  result.for_each_bucket([&](std::size_t flat, std::uint64_t) {
    if (!found) result.min_ = std::max(min_, flat == 0 ? 0 : lower_edge(flat) + 1);
    found = true;
    result.max_ = std::min(max_, layout_->upper_edge(flat));
  });
  return found ? result : histogram_data{layout_};
}

bool histogram_data::contains(const histogram_data& earlier) const noexcept {
  if (layout_ != earlier.layout_ || count_ < earlier.count_ || sum_ < earlier.sum_) return false;
  bool holds_all = true;
  counts_.visit([&](auto counts) {
    earlier.for_each_bucket([&](std::size_t flat, std::uint64_t count) {
      const std::size_t octave = flat / page_size;
      const bool has_page = (octaves_ & octave_bit(octave)) != 0;
      holds_all = holds_all && has_page && counts[place_of(octave, flat % page_size)] >= count;
    });
  });
  return holds_all;
}

std::uint64_t histogram_data::lower_edge(std::size_t flat) const noexcept {
  return flat == 0 ? 0 : layout_->upper_edge(flat - 1);
}

double histogram_data::quantile(double q) const noexcept {
  if (count_ == 0) return 0;
  const double rank = std::clamp(q, 0.0, 1.0) * static_cast<double>(count_);
  double result = to_unit(max_);
  double below = 0;
  bool found = false;
  for_each_bucket([&](std::size_t flat, std::uint64_t count) {
    const auto in_bucket = static_cast<double>(count);
    if (!found && below + in_bucket >= rank) {
      found = true;
      const std::uint64_t low = std::clamp(lower_edge(flat), min(), max_);
      const std::uint64_t high = std::clamp(layout_->upper_edge(flat), min(), max_);
      const double share = std::max(0.0, rank - below) / in_bucket;
      result = to_unit(low) + (to_unit(high) - to_unit(low)) * share;
    }
    below += in_bucket;
  });
  return result;
}

histogram_data::exponential_view histogram_data::exponential() const {
  exponential_view view;
  exponential(view);
  return view;
}

void histogram_data::exponential(exponential_view& view) const {
  view.offset = 0;
  view.counts.clear();
  view.zero_count = zeros();
  if (view.zero_count == count_) return;
  const auto last = static_cast<std::size_t>(std::bit_width(octaves_) - 1);
  // The very first bucket counts zeros, and is in none of the exponential buckets.
  const int lowest_index =
      layout_->exponential_index(std::max<std::size_t>(lowest_octave(octaves_) * page_size, 1));
  const int highest_index =
      layout_->exponential_index(last * page_size + layout_->buckets_in_octave()[last] - 1);
  view.counts.resize(static_cast<std::size_t>(highest_index - lowest_index) + 1);
  counts_.visit([&](auto counts) { add_exponential(counts, lowest_index, view.counts); });
  while (view.counts.back() == 0) view.counts.pop_back();
  const auto first_hit = std::ranges::find_if(view.counts, [](auto count) { return count != 0; });
  view.offset = lowest_index + static_cast<int>(first_hit - view.counts.begin());
  view.counts.erase(view.counts.begin(), first_hit);
}

std::uint64_t histogram_data::zeros() const noexcept {
  if ((octaves_ & 1U) == 0) return 0;
  return counts_.visit([](auto counts) { return std::uint64_t{counts[0]}; });
}

template <class Count>
void histogram_data::add_exponential(std::span<const Count> counts, int lowest_index,
                                     std::span<std::uint64_t> sums) const noexcept {
  const Count* page = counts.data();
  for (std::uint64_t left = octaves_; left != 0; left &= left - 1) {
    const std::size_t octave = lowest_octave(left);
    const std::size_t size = layout_->buckets_in_octave()[octave];
    const std::size_t first = octave == 0 ? 1 : 0;  // bucket 0 of octave 0 counts zeros
    // Empty buckets are added like others: a branch on them could not be predicted.
    if (layout_->is_unsplit(octave)) {
      std::uint64_t* const row =
          sums.data() + (layout_->exponential_index(octave * page_size) - lowest_index);
      for (std::size_t bucket = 0; bucket < size; ++bucket) row[bucket] += page[bucket];
    } else {
      for (std::size_t bucket = first; bucket < size; ++bucket) {
        const int index = layout_->exponential_index(octave * page_size + bucket);
        sums[static_cast<std::size_t>(index - lowest_index)] += page[bucket];
      }
    }
    page += size;
  }
}

std::vector<std::uint64_t> histogram_data::explicit_counts() const {
  std::vector<std::uint64_t> result(layout_->bounds().size() + 1);
  explicit_counts(result);
  return result;
}

void histogram_data::explicit_counts(std::span<std::uint64_t> counts) const {
  std::fill(counts.begin(), counts.end(), 0);
  counts_.visit([&](auto packed) { add_explicit(packed, counts); });
}

template <class Count>
void histogram_data::add_explicit(std::span<const Count> counts,
                                  std::span<std::uint64_t> sums) const noexcept {
  const bucket_layout& layout = *layout_;
  const Count* page = counts.data();
  for (std::uint64_t left = octaves_; left != 0; left &= left - 1) {
    const std::size_t octave = lowest_octave(left);
    const std::size_t size = layout.buckets_in_octave()[octave];
    const std::size_t first = octave * page_size;
    const std::size_t last_bound = layout.bound_index(first + size - 1);
    std::size_t bucket = 0;
    // The sum is in a local variable: each addition would wait for a sum in memory. Four counts in a
    // step, since a compiler's vector loop takes longer to prepare than so few counts take.
    for (std::size_t bound = layout.bound_index(first); bound != last_bound; ++bound) {
      std::uint64_t sum = 0;
      for (; layout.bound_index(first + bucket) == bound; ++bucket) sum += page[bucket];
      sums[bound] += sum;
    }
    std::uint64_t sum = 0;
    for (; bucket + 4 <= size; bucket += 4) {
      sum += (std::uint64_t{page[bucket]} + page[bucket + 1]) +
             (std::uint64_t{page[bucket + 2]} + page[bucket + 3]);
    }
    for (; bucket < size; ++bucket) sum += page[bucket];
    sums[last_bound] += sum;
    page += size;
  }
}

std::optional<std::uint64_t> histogram_data::count_at_or_below(double threshold) const {
  const auto bounds = layout_->bounds();
  const auto found = std::lower_bound(bounds.begin(), bounds.end(), threshold);
  if (found == bounds.end() || *found != threshold) return std::nullopt;
  const std::uint64_t edge =
      layout_->bound_edges()[static_cast<std::size_t>(found - bounds.begin())];
  std::uint64_t result = 0;
  for_each_bucket([&](std::size_t flat, std::uint64_t count) {
    if (layout_->upper_edge(flat) <= edge) result += count;
  });
  return result;
}

std::string to_string(const histogram_data& data) {
  std::string text = fmt::format("count={} sum={}", data.count(), data.to_unit(data.sum()));
  data.for_each_bucket([&](std::size_t flat, std::uint64_t count) {
    const std::uint64_t low = flat == 0 ? 0 : data.layout().upper_edge(flat - 1);
    text += fmt::format(" ({:.3g},{:.3g}]={}", data.to_unit(low),
                        data.to_unit(data.layout().upper_edge(flat)), count);
  });
  return text;
}

}  // namespace querytap
