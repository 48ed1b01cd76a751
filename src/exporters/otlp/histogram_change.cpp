#include "histogram_change.hpp"

#include "../../base/saturating.hpp"

#include <algorithm>
#include <functional>

namespace querytap::detail {
namespace {

void assign_explicit(const histogram_data& data, std::vector<std::uint64_t>& counts) {
  counts.resize(data.layout().bounds().size() + 1);
  data.explicit_counts(counts);
}

bool is_hit(std::uint64_t count) { return count != 0; }

}  // namespace

void histogram_change::assign(const histogram_data& current,
                              const std::optional<point_range>& before) {
  current_ = &current;
  before_.clear();
  count_ = current.count();
  std::uint64_t earlier_sum = 0;
  for (std::size_t i = 0; before.has_value() && i < before->size(); ++i) {
    const histogram_data& earlier = *(*before)[i].histogram;
    if (earlier.count() == 0) continue;
    before_.push_back(&earlier);
    count_ -= earlier.count();
    earlier_sum = saturating_sum(earlier_sum, earlier.sum());
  }
  sum_ = current.sum() - earlier_sum;
}

std::span<const std::uint64_t> histogram_change::explicit_counts() {
  assign_explicit(*current_, counts_);
  for (const histogram_data* earlier : before_) {
    assign_explicit(*earlier, earlier_counts_);
    std::ranges::transform(counts_, earlier_counts_, counts_.begin(), std::minus{});
  }
  return counts_;
}

const histogram_data::exponential_view& histogram_change::exponential() {
  current_->exponential(view_);
  for (const histogram_data* earlier : before_) subtract_exponential(*earlier);
  if (!before_.empty()) trim_exponential();
  return view_;
}

// Buckets only grow, so that those of the earlier histogram are among those of this one; what is
// not, in a snapshot that is not earlier, is skipped.
void histogram_change::subtract_exponential(const histogram_data& earlier) {
  earlier.exponential(earlier_view_);
  view_.zero_count -= earlier_view_.zero_count;
  const int distance = earlier_view_.offset - view_.offset;
  for (std::size_t i = 0; i < earlier_view_.counts.size(); ++i) {
    const auto place = static_cast<std::size_t>(distance + static_cast<int>(i));
    if (place < view_.counts.size()) view_.counts[place] -= earlier_view_.counts[i];
  }
}

void histogram_change::trim_exponential() {
  std::vector<std::uint64_t>& counts = view_.counts;
  const auto first = std::ranges::find_if(counts, is_hit);
  view_.offset =
      first == counts.end() ? 0 : view_.offset + static_cast<int>(first - counts.begin());
  counts.erase(counts.begin(), first);
  while (!counts.empty() && !is_hit(counts.back())) counts.pop_back();
}

}  // namespace querytap::detail
