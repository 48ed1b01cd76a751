#include "native_buckets.hpp"

namespace querytap::detail {
namespace {

// A new run costs as much as this many empty buckets; other clients have the same limit.
constexpr std::size_t longest_gap = 2;

}  // namespace

void native_buckets::clear() noexcept {
  zero_count_ = 0;
  spans_.clear();
  deltas_.clear();
}

void native_buckets::assign(const histogram_data::exponential_view& view) {
  clear();
  zero_count_ = view.zero_count;
  const std::span<const std::uint64_t> counts = view.counts;
  if (counts.empty()) return;
  deltas_.resize(counts.size());
  std::int64_t* delta = deltas_.data();
  const std::int64_t* run_begin = delta;
  std::int32_t offset = view.offset + 1;
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    // One branch on three buckets, which is rarely taken: a lone empty bucket is as hard to predict
    // as the values. The very last bucket is not empty, and ends every run of empty ones.
    if (i + longest_gap < counts.size() && (counts[i] | counts[i + 1] | counts[i + 2]) == 0) {
      spans_.push_back({offset, static_cast<std::uint32_t>(delta - run_begin)});
      run_begin = delta;
      for (offset = 0; counts[i] == 0; ++i) ++offset;
    }
    *delta++ = static_cast<std::int64_t>(counts[i] - last);
    last = counts[i];
  }
  spans_.push_back({offset, static_cast<std::uint32_t>(delta - run_begin)});
  deltas_.resize(static_cast<std::size_t>(delta - deltas_.data()));
}

}  // namespace querytap::detail
