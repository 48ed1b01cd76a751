#pragma once

#include "../../base/saturating.hpp"
#include "../common/family_plan.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <span>
#include <vector>

namespace querytap::detail {

/// The classic view of a series: how many values were at or below each bound, +Inf last, and their
/// sum, over all points of the series.
class classic_counts {
 public:
  void add_up(point_range points) {
    assign(*points[0].histogram, cumulative_);
    sum_ = points[0].histogram->sum();
    for (std::size_t i = 1; i < points.size(); ++i) {
      assign(*points[i].histogram, of_point_);
      std::ranges::transform(cumulative_, of_point_, cumulative_.begin(), std::plus{});
      sum_ = saturating_sum(sum_, points[i].histogram->sum());
    }
    std::partial_sum(cumulative_.begin(), cumulative_.end(), cumulative_.begin());
  }

  [[nodiscard]] std::span<const std::uint64_t> cumulative() const noexcept { return cumulative_; }
  [[nodiscard]] std::uint64_t count() const noexcept { return cumulative_.back(); }
  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }

 private:
  static void assign(const histogram_data& data, std::vector<std::uint64_t>& counts) {
    counts.resize(data.layout().bounds().size() + 1);
    data.explicit_counts(counts);
  }

  std::vector<std::uint64_t> cumulative_;
  std::vector<std::uint64_t> of_point_;  // a buffer, used again from series to series
  std::uint64_t sum_ = 0;
};

}  // namespace querytap::detail
