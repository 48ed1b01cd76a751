#include "named_and_rest.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace querytap::detail {
namespace {

using counts = std::vector<std::int64_t>;

void add_counts(counts& sum, const counts& more) {
  sum.resize(std::max(sum.size(), more.size()));
  for (std::size_t i = 0; i < more.size(); ++i) sum[i] += more[i];
}

[[nodiscard]] counts counts_without(counts from, const counts& taken) {
  from.resize(std::max(from.size(), taken.size()));
  for (std::size_t i = 0; i < taken.size(); ++i) from[i] -= taken[i];
  return from;
}

// A counter that fell was reset, and has counted from 0 since.
[[nodiscard]] counts rise_of(const counts& before, const counts& after) {
  counts rise = after;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    if (after[i] >= before[i]) rise[i] -= before[i];
  }
  return rise;
}

std::int64_t weight_of(const named_numbers& thing) {
  const counts& weighed = thing.counters.empty() ? thing.gauges : thing.counters;
  return std::accumulate(weighed.begin(), weighed.end(), std::int64_t{0});
}

bool counts_more(const named_numbers& left, const named_numbers& right) {
  const std::int64_t left_weight = weight_of(left);
  const std::int64_t right_weight = weight_of(right);
  return left_weight != right_weight ? left_weight > right_weight : left.name < right.name;
}

std::vector<named_numbers> each_name_once(const std::vector<named_numbers>& all) {
  std::map<std::string_view, named_numbers> by_name;
  for (const named_numbers& thing : all) {
    named_numbers& sum = by_name[thing.name];
    sum.name = thing.name;
    add_counts(sum.counters, thing.counters);
    add_counts(sum.gauges, thing.gauges);
  }
  std::vector<named_numbers> once;
  for (auto& [name, thing] : by_name) once.push_back(std::move(thing));
  return once;
}

}  // namespace

std::vector<named_numbers> named_and_rest::split(const std::vector<named_numbers>& all) {
  std::vector<named_numbers> named = each_name_once(all);
  std::ranges::sort(named, counts_more);
  counters_by_name others;
  counts gauges_of_rest;
  for (std::size_t i = 0; i < named.size(); ++i) {
    const named_numbers& thing = named[i];
    const auto before = others_.find(thing.name);
    if (i >= limit_) {
      const auto named_before = named_.find(thing.name);
      add_counts(rest_, before != others_.end() ? rise_of(before->second, thing.counters)
                        : named_before != named_.end()
                            ? rise_of(named_before->second, thing.counters)
                            : thing.counters);
      add_counts(gauges_of_rest, thing.gauges);
      others.emplace(thing.name, thing.counters);
    } else if (before != others_.end()) {
      // Its own series begins with what it has now: the rise until now shows in `_OTHER` alone.
      add_counts(rest_, rise_of(before->second, thing.counters));
    }
  }
  others_ = std::move(others);
  const bool has_others = named.size() > limit_;
  if (has_others) named.resize(limit_);
  return with_rest(std::move(named), std::move(gauges_of_rest), has_others);
}

std::vector<named_numbers> named_and_rest::split(std::vector<named_numbers> named,
                                                 const named_numbers& total) {
  counts gauges_of_rest = total.gauges;
  counts rise = counts_without(total.counters, total_);
  counts sum_of_named;
  for (const named_numbers& thing : named) {
    gauges_of_rest = counts_without(std::move(gauges_of_rest), thing.gauges);
    add_counts(sum_of_named, thing.counters);
    const auto before = named_.find(thing.name);
    if (is_first_) rise = counts_without(std::move(rise), thing.counters);
    if (before != named_.end())
      rise = counts_without(std::move(rise), counts_without(thing.counters, before->second));
  }
  for (std::int64_t& risen : rise) risen = std::max<std::int64_t>(risen, 0);
  add_counts(rest_, rise);
  total_ = total.counters;
  const bool has_others = sum_of_named != total.counters ||
                          std::ranges::any_of(gauges_of_rest, [](auto left) { return left != 0; });
  return with_rest(std::move(named), std::move(gauges_of_rest), has_others);
}

std::vector<named_numbers> named_and_rest::with_rest(std::vector<named_numbers> named,
                                                     counts gauges_of_rest, bool has_others) {
  named_.clear();
  for (const named_numbers& thing : named) named_.emplace(thing.name, thing.counters);
  is_first_ = false;
  has_rest_ = has_rest_ || has_others;
  if (!has_rest_) return named;
  const std::size_t counters = named.empty() ? rest_.size() : named.front().counters.size();
  const std::size_t gauges = named.empty() ? gauges_of_rest.size() : named.front().gauges.size();
  counts counters_of_rest = rest_;
  counters_of_rest.resize(counters);
  gauges_of_rest.resize(gauges);
  named.push_back({std::string{rest_name}, std::move(counters_of_rest), std::move(gauges_of_rest)});
  return named;
}

}  // namespace querytap::detail
