#pragma once

#include "../common/family_plan.hpp"

#include <querytap/snapshot/exemplar.hpp>

#include <cstddef>
#include <vector>

namespace querytap::detail {

/// Of the exemplars of a series, the latest of each classic bucket: it leads to a trace that is most
/// likely to be still there.
class bucket_exemplars {
 public:
  void clear() noexcept { latest_.clear(); }

  void choose(point_range points) {
    clear();
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bucket_layout& layout = points[i].histogram->layout();
      for (const exemplar& one : points[i].histogram->exemplars()) {
        latest_.resize(layout.bounds().size() + 1);
        const exemplar*& latest = latest_[layout.bound_index(layout.find(one.value).flat)];
        if (latest == nullptr || latest->time < one.time) latest = &one;
      }
    }
  }

  /// How many buckets may have one: 0 if none of them has.
  [[nodiscard]] std::size_t size() const noexcept { return latest_.size(); }
  /// Null for a bucket that has none.
  [[nodiscard]] const exemplar* of(std::size_t bucket) const noexcept {
    return bucket < latest_.size() ? latest_[bucket] : nullptr;
  }

 private:
  std::vector<const exemplar*> latest_;
};

}  // namespace querytap::detail
