#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace querytap::bench {

/// The ratio of a duration to its rival's, with the 95 % confidence interval.
struct ratio_interval {
  double median;
  double low;
  double high;
};

/// Of the median of the pairs' ratios, by order statistics: the true median lies between the ratios
/// of rank n/2 ± 1.96 · √n/2, for any distribution. A pair that another program disturbed is one
/// ratio among many, and does not move the median.
[[nodiscard]] inline ratio_interval compare_pairs(const std::vector<double>& times,
                                                  const std::vector<double>& rivals) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < times.size(); ++i) ratios.push_back(times[i] / rivals[i]);
  std::sort(ratios.begin(), ratios.end());
  const auto at = [&](double rank) {
    const double last = static_cast<double>(ratios.size() - 1);
    return ratios[static_cast<std::size_t>(std::clamp(std::round(rank), 0.0, last))];
  };
  const double count = static_cast<double>(ratios.size());
  const double margin = 1.96 * std::sqrt(count) / 2;
  return {at((count - 1) / 2), at((count - 1) / 2 - margin), at((count - 1) / 2 + margin)};
}

[[nodiscard]] inline double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

}  // namespace querytap::bench
