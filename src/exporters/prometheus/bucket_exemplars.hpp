#pragma once

#include "../common/family_plan.hpp"

#include <querytap/snapshot/exemplar.hpp>

#include <cstddef>
#include <vector>

namespace querytap::detail {

/// The latest exemplar of each classic bucket of a series: of all its exemplars, the one whose
/// trace is most likely to be stored still.
class bucket_exemplars {
 public:
  void clear() noexcept { latest_.clear(); }

  void choose(point_range points) {
    clear();
    for (std::size_t i = 0; i < points.size(); ++i) {
      const bucket_layout& layout = points[i].histogram->layout();
      for (const exemplar& candidate : points[i].histogram->exemplars()) {
        latest_.resize(layout.bounds().size() + 1);
        const exemplar*& latest = latest_[layout.bound_index(layout.find(candidate.value).flat)];
        if (latest == nullptr || latest->time < candidate.time) latest = &candidate;
      }
    }
  }

  /// How many buckets may have an exemplar: 0 if no bucket has one.
  [[nodiscard]] std::size_t size() const noexcept { return latest_.size(); }
  /// Null for a bucket without an exemplar.
  [[nodiscard]] const exemplar* in_bucket(std::size_t bucket) const noexcept {
    return bucket < latest_.size() ? latest_[bucket] : nullptr;
  }

 private:
  std::vector<const exemplar*> latest_;
};

}  // namespace querytap::detail
