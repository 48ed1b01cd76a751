#include "native_buckets.hpp"

namespace querytap::detail {
namespace {

// A new run costs as much as this many empty buckets; it is what other clients do, too.
constexpr std::size_t longest_gap = 2;

}  // namespace

void native_buckets::clear() noexcept {
  zero_count_ = 0;
  spans_.clear();
  deltas_.clear();
}

void native_buckets::assign(const histogram_data::exponential_view& from) {
  clear();
  zero_count_ = from.zero_count;
  const std::span<const std::uint64_t> counts = from.counts;
  if (counts.empty()) return;
  deltas_.resize(counts.size());
  std::int64_t* to = deltas_.data();
  const std::int64_t* run_begin = to;
  std::int32_t offset = from.offset + 1;
  std::uint64_t last = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    // Asked of three at once, which is rarely so: a lone empty bucket is as hard to foresee as the
    // values are. The last bucket of all is not empty, and ends every run of empty ones.
    if (i + longest_gap < counts.size() && (counts[i] | counts[i + 1] | counts[i + 2]) == 0) {
      spans_.push_back({offset, static_cast<std::uint32_t>(to - run_begin)});
      run_begin = to;
      for (offset = 0; counts[i] == 0; ++i) ++offset;
    }
    *to++ = static_cast<std::int64_t>(counts[i] - last);
    last = counts[i];
  }
  spans_.push_back({offset, static_cast<std::uint32_t>(to - run_begin)});
  deltas_.resize(static_cast<std::size_t>(to - deltas_.data()));
}

}  // namespace querytap::detail
