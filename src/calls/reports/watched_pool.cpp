#include "watched_pool.hpp"

#include "../../analysis/pools/pool_findings.hpp"
#include "../../analysis/pools/pool_sizing.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace querytap::detail {
namespace {

// A caller that waits longer does not just meet others at a busy moment.
constexpr std::chrono::seconds short_of_objects_after{1};
// A burst says little of the load.
constexpr std::chrono::minutes judged_load{1};

}  // namespace

pool_report watched_pool::look(std::chrono::system_clock::time_point time,
                               std::vector<finding>& found) {
  pool_report state = pool_->report();
  find_held_leases(state, time, found);
  find_shortage(state, time, found);
  find_nesting(state, time, found);
  find_misfit(state, time, found);
  return state;
}

void watched_pool::find_held_leases(const pool_report& state,
                                    std::chrono::system_clock::time_point time,
                                    std::vector<finding>& found) {
  std::vector<std::uint64_t> held;
  std::uint64_t leaks = 0;
  for (const pool_lease& lease : state.leases) {
    if (state.held_after.count() == 0 || lease.age < state.held_after) break;
    if (std::ranges::find(held_, lease.number) == held_.end()) {
      found.push_back(held_lease(state, lease, time));
      ++leaks;
    }
    held.push_back(lease.number);
  }
  // Those that were held and still are stand among the others, since age only grows.
  const std::uint64_t unleaks = held_.size() + leaks - held.size();
  pool_->count_leaks(leaks, unleaks);
  held_ = std::move(held);
}

void watched_pool::find_shortage(const pool_report& state,
                                 std::chrono::system_clock::time_point time,
                                 std::vector<finding>& found) {
  const std::uint64_t gave_up = state.timeouts - std::exchange(timeouts_, state.timeouts);
  if (state.waiting == 0) is_short_ = false;
  const bool is_new =
      state.longest_wait >= short_of_objects_after && !std::exchange(is_short_, true);
  if (is_new || gave_up != 0) found.push_back(exhausted_pool(state, gave_up, time));
}

void watched_pool::find_nesting(const pool_report& state,
                                std::chrono::system_clock::time_point time,
                                std::vector<finding>& found) {
  const std::uint64_t times = state.nested - std::exchange(nested_, state.nested);
  if (times != 0) found.push_back(nested_lease(state, times, time));
}

// Once for each time that it begins.
void watched_pool::find_misfit(const pool_report& state, std::chrono::system_clock::time_point time,
                               std::vector<finding>& found) {
  if (state.age - begin_.age < judged_load) return;
  std::optional<finding> misfit = misfit_of_pool(state, load_between(begin_, state), time);
  if (misfit && !std::exchange(is_misfit_, true)) found.push_back(std::move(*misfit));
  if (!misfit) is_misfit_ = false;
  begin_ = {.age = state.age, .uses = state.uses, .use_time = state.use_time};
}

void watched_pool::start_from_zero() noexcept {
  pool_->forget_leases();
  held_.clear();
  timeouts_ = 0;
  nested_ = 0;
  is_short_ = false;
}

}  // namespace querytap::detail
