#include <querytap/snapshot/histogram_data.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>
#include <functional>
#include <numeric>

namespace querytap {
namespace {

constexpr std::size_t page_size = bucket_layout::buckets_per_octave;

std::uint64_t bit(std::size_t octave) { return std::uint64_t{1} << octave; }

}  // namespace

std::uint64_t* histogram_data::page_of(std::size_t octave) {
  make_room(bit(octave));
  return counts_.data() + size_of(octaves_ & (bit(octave) - 1));
}

std::size_t histogram_data::size_of(std::uint64_t octaves) const noexcept {
  std::size_t size = 0;
  for (std::uint64_t left = octaves; left != 0; left &= left - 1) {
    size += layout_->buckets_in_octave()[static_cast<std::size_t>(std::countr_zero(left))];
  }
  return size;
}

void histogram_data::make_room(std::uint64_t octaves) {
  const std::uint64_t wanted = octaves_ | octaves;
  if (wanted == octaves_) return;
  std::vector<std::uint64_t> counts(size_of(wanted));
  const std::uint64_t* from = counts_.data();
  std::uint64_t* to = counts.data();
  for (std::uint64_t left = wanted; left != 0; left &= left - 1) {
    const std::size_t size =
        layout_->buckets_in_octave()[static_cast<std::size_t>(std::countr_zero(left))];
    if ((octaves_ & left & -left) != 0) {
      std::copy_n(from, size, to);
      from += size;
    }
    to += size;
  }
  counts_ = std::move(counts);
  octaves_ = wanted;
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
  count_ += std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  if (octaves_ == 0) {
    counts_.assign(counts.begin(), counts.end());
    octaves_ = octaves;
    return;
  }
  make_room(octaves);
  const std::uint64_t* from = counts.data();
  std::uint64_t* to = counts_.data();
  for (std::uint64_t left = octaves_; left != 0; left &= left - 1) {
    const std::size_t size =
        layout_->buckets_in_octave()[static_cast<std::size_t>(std::countr_zero(left))];
    if ((octaves & left & -left) != 0) {
      for (std::size_t bucket = 0; bucket < size; ++bucket) to[bucket] += from[bucket];
      from += size;
    }
    to += size;
  }
}

void histogram_data::add(std::size_t octave, std::size_t bucket, std::uint64_t count) {
  if (count == 0) return;
  page_of(octave)[bucket] += count;
  count_ += count;
}

void histogram_data::add_range(std::uint64_t sum, std::uint64_t low, std::uint64_t high) noexcept {
  sum_ += sum;
  min_ = std::min(min_, low);
  max_ = std::max(max_, high);
}

void histogram_data::record(std::uint64_t value) {
  const bucket_layout::place where = layout_->find(value);
  add(where.octave, where.bucket(), 1);
  add_range(value, value, value);
}

void histogram_data::add_exemplar(const exemplar& one) {
  const auto place =
      std::ranges::upper_bound(exemplars_, one.value, std::greater{}, &exemplar::value);
  exemplars_.insert(place, one);
  if (exemplars_.size() > most_exemplars) exemplars_.pop_back();
}

void histogram_data::merge(const histogram_data& other) {
  assert(layout_ == other.layout_);
  add_range(other.sum_, other.min_, other.max_);
  add_pages(other.octaves_, other.counts_);
  for (const exemplar& one : other.exemplars_) add_exemplar(one);
}

histogram_data histogram_data::difference(const histogram_data& earlier) const {
  assert(layout_ == earlier.layout_);
  histogram_data result{*this};
  earlier.for_each_bucket([&result](std::size_t flat, std::uint64_t count) {
    result.page_of(flat / page_size)[flat % page_size] -= count;
  });
  result.count_ -= earlier.count_;
  result.sum_ -= earlier.sum_;
  bool found = false;
  result.for_each_bucket([&](std::size_t flat, std::uint64_t) {
    if (!found) result.min_ = std::max(min_, flat == 0 ? 0 : lower_edge(flat) + 1);
    found = true;
    result.max_ = std::min(max_, layout_->upper_edge(flat));
  });
  return found ? result : histogram_data{layout_};
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

void histogram_data::exponential(exponential_view& into) const {
  into.offset = 0;
  into.counts.clear();
  into.zero_count = (octaves_ & 1U) != 0 ? counts_[0] : 0;
  if (into.zero_count == count_) return;
  const auto& sizes = layout_->buckets_in_octave();
  const auto first = static_cast<std::size_t>(std::countr_zero(octaves_));
  const auto last = static_cast<std::size_t>(std::bit_width(octaves_) - 1);
  // The first bucket of all, which holds zeros, is in none of the exponential ones.
  const int lowest = layout_->exponential_index(std::max<std::size_t>(first * page_size, 1));
  const int highest = layout_->exponential_index(last * page_size + sizes[last] - 1);
  into.counts.resize(static_cast<std::size_t>(highest - lowest) + 1);
  const std::uint64_t* from = counts_.data();
  for (std::uint64_t left = octaves_; left != 0; left &= left - 1) {
    const auto octave = static_cast<std::size_t>(std::countr_zero(left));
    // Empty buckets are added like others, since nobody can tell them in advance.
    for (std::size_t bucket = octave == 0 ? 1 : 0; bucket < sizes[octave]; ++bucket) {
      const int index = layout_->exponential_index(octave * page_size + bucket);
      into.counts[static_cast<std::size_t>(index - lowest)] += from[bucket];
    }
    from += sizes[octave];
  }
  while (into.counts.back() == 0) into.counts.pop_back();
  const auto first_hit = std::ranges::find_if(into.counts, [](auto count) { return count != 0; });
  into.offset = lowest + static_cast<int>(first_hit - into.counts.begin());
  into.counts.erase(into.counts.begin(), first_hit);
}

std::vector<std::uint64_t> histogram_data::explicit_counts() const {
  std::vector<std::uint64_t> result(layout_->bounds().size() + 1);
  explicit_counts(result);
  return result;
}

void histogram_data::explicit_counts(std::span<std::uint64_t> counts) const {
  std::fill(counts.begin(), counts.end(), 0);
  const bucket_layout& layout = *layout_;
  const std::uint64_t* from = counts_.data();
  for (std::uint64_t left = octaves_; left != 0; left &= left - 1) {
    const auto octave = static_cast<std::size_t>(std::countr_zero(left));
    const std::size_t size = layout.buckets_in_octave()[octave];
    const std::size_t first = octave * page_size;
    const std::size_t last_bound = layout.bound_index(first + size - 1);
    std::size_t bucket = 0;
    // Sums in a variable of their own: one in memory would be waited for at each addition.
    for (std::size_t bound = layout.bound_index(first); bound != last_bound; ++bound) {
      std::uint64_t sum = 0;
      for (; layout.bound_index(first + bucket) == bound; ++bucket) sum += from[bucket];
      counts[bound] += sum;
    }
    counts[last_bound] += std::accumulate(from + bucket, from + size, std::uint64_t{0});
    from += size;
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
