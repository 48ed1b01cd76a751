#include "redis_slow_commands.hpp"

#include "../common/named_and_rest.hpp"

#include <algorithm>

namespace querytap::detail {

redis_slow_commands::sum& redis_slow_commands::sum_of(const std::string& command) {
  const bool has_name = sums_.contains(command) || sums_.size() < limit_;
  return sums_[has_name ? command : std::string{rest_name}];
}

void redis_slow_commands::add(std::string_view run, const std::vector<redis_slow_entry>& entries) {
  if (run != run_) {
    if (!run_.empty()) last_ = -1;
    run_ = run;
  }
  if (entries.empty()) return;
  const auto is_older = [](const redis_slow_entry& left, const redis_slow_entry& right) {
    return left.id < right.id;
  };
  const auto [oldest, newest] = std::ranges::minmax_element(entries, is_older);
  if (last_ && oldest->id > *last_ + 1) {
    missed_ += static_cast<std::uint64_t>(oldest->id - *last_ - 1);
  }
  for (const redis_slow_entry& entry : entries) {
    if (last_ && entry.id <= *last_) continue;
    sum& counted = sum_of(entry.command);
    ++counted.entries;
    counted.microseconds += entry.microseconds;
  }
  last_ = std::max(last_.value_or(newest->id), newest->id);
}

}  // namespace querytap::detail
