#pragma once

#include "../common/family_plan.hpp"

#include <querytap/snapshot/histogram_data.hpp>

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace querytap::detail {

/// What a histogram recorded since an earlier snapshot, or all that it holds: the exported views, as
/// differences of the views of both. A difference of the histograms would copy one of them.
///
/// Threads  one at a time; the views are good until the next call.
class histogram_change {
 public:
  /// `before` is what the series held earlier; nothing for all that it holds.
  void assign(const histogram_data& current, const std::optional<point_range>& before);

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] std::uint64_t sum() const noexcept { return sum_; }
  /// True if there was nothing before: only then are minimum and maximum known.
  [[nodiscard]] bool is_all() const noexcept { return before_.empty(); }

  [[nodiscard]] std::span<const std::uint64_t> explicit_counts();
  [[nodiscard]] const histogram_data::exponential_view& exponential();

 private:
  void subtract_exponential(const histogram_data& earlier);
  void trim_exponential();

  const histogram_data* current_ = nullptr;
  std::vector<const histogram_data*> before_;  // those that have records
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  // Buffers, used again from series to series.
  std::vector<std::uint64_t> counts_;
  std::vector<std::uint64_t> earlier_counts_;
  histogram_data::exponential_view view_;
  histogram_data::exponential_view earlier_view_;
};

}  // namespace querytap::detail
