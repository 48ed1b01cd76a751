#include "summed_calls.hpp"

#include <querytap/snapshot/call_convention.hpp>

#include <algorithm>

namespace querytap::detail {

void add_counts_to(std::optional<histogram_data>& sum, const histogram_data& part) {
  if (!sum.has_value()) sum.emplace(part.shared_layout());
  sum->add_counts(part);
}

void summed_calls::add(const point& p) {
  if (p.histogram == nullptr || p.histogram->count() == 0) return;
  add_counts_to(durations, *p.histogram);
  if (p.series->labels.find("error.type") != nullptr) errors += p.histogram->count();
}

void summed_calls::add(const summed_calls& others) {
  if (others.durations.has_value()) add_counts_to(durations, *others.durations);
  errors += others.errors;
}

summed_by_name calls_by_system(const snapshot& recorded) {
  summed_by_name sums;
  const auto add = [&](const point& p) { sums[system_of_call(p.series->labels)].add(p); };
  for (const auto& metric : recorded.metrics) {
    if (is_call_duration(*metric->instrument)) std::ranges::for_each(metric->points, add);
  }
  for (const point& p : recorded.retired) {
    if (is_call_duration(*p.series->instrument)) add(p);
  }
  return sums;
}

}  // namespace querytap::detail
