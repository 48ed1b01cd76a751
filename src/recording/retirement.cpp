// How a registry retires series that are not in use.

#include "registry.hpp"

#include "in_flight_calls.hpp"

#include <algorithm>
#include <utility>

namespace querytap::detail {

/// What a registry reports to its owners during a collection.
class registry::usage final : public series_usage {
 public:
  usage(registry& registry, std::span<lane* const> lanes, std::uint64_t ticks)
      : registry_{registry}, ticks_{ticks}, evictions_{lanes} {}

  [[nodiscard]] bool is_idle(const series& series) const override {
    if (!registry_.collector_.has_seen(series)) return false;
    const std::uint64_t unused =
        registry_.time_->nanoseconds_between(registry_.collector_.last_change(series), ticks_);
    return unused >= static_cast<std::uint64_t>(registry_.options_.retire_idle_after.count());
  }

  /// No count is lost with it, to no reader.
  [[nodiscard]] bool may_end(const series& series) const {
    const bool is_unwritten = std::ranges::any_of(
        evictions_.lanes(), [&](const lane* lane) { return lane->has_unwritten(series); });
    return is_idle(series) && !is_unwritten &&
           registry_.collector_.is_collected(series, evictions_.lanes());
  }

  [[nodiscard]] in_flight_view in_flight() const override { return registry_.view_in_flight(); }

  // The time of a change is the begin of the collection that found it: the call itself may be newer
  // by the length of a collection. A change that is not yet collected may belong to any request.
  [[nodiscard]] bool is_older_than_requests(const series& series,
                                            const in_flight_view& earlier) const override {
    return registry_.collector_.is_collected(series, evictions_.lanes()) &&
           registry_.collector_.last_change(series) + registry_.longest_collection_ <
               earlier.oldest_request;
  }

 private:
  registry& registry_;
  const std::uint64_t ticks_;
  const evictions_held evictions_;
};

// Often enough that an idle series is retired soon after its time, and rarely enough that the cost
// does not show.
std::uint64_t registry::time_between_retirements() const noexcept {
  return static_cast<std::uint64_t>(options_.retire_idle_after.count()) / 8;
}

void registry::release(series& bound) noexcept {
  const std::lock_guard lock{mutex_};
  const bool is_shared_by_all = bound.overflow == nullptr;
  if (is_shared_by_all || --bound.bindings != 0) return;
  try {
    released_.push_back(&bound);
  } catch (const std::bad_alloc&) {
    bound.bindings = 1;  // never retired: wastes its memory, but loses no count
  }
}

void registry::retire_idle(std::uint64_t ticks) {
  std::unique_lock lock{mutex_};
  const std::vector<lane*> lanes = all_lanes();
  lock.unlock();
  {
    const usage seen{*this, lanes, ticks};
    for (recorder_part* const part : all_parts()) part->release_idle(seen);
  }
  retire_released(ticks);
}

// Only series without records since their last collection, and for as long as the slowest reader takes:
// the last value of a series is always exported.
void registry::retire_released(std::uint64_t ticks) {
  const std::lock_guard lock{mutex_};
  const usage seen{*this, all_lanes(), ticks};
  // A series that was bound and released again is in the list twice.
  std::ranges::sort(released_);
  released_.erase(std::unique(released_.begin(), released_.end()), released_.end());
  std::vector<series*> not_yet;
  for (series* series : std::exchange(released_, {})) {
    if (series->bindings != 0) continue;
    if (seen.may_end(*series)) {
      retire(*series);
    } else {
      not_yet.push_back(series);
    }
  }
  released_ = std::move(not_yet);
  for (instrument_state& state : instruments_) {
    std::erase_if(state.bound, [](const series* series) { return series->identity == nullptr; });
  }
}

// The value of an exported series never falls: while other series are exported under the same
// attributes, the counts of the retired one stay with them. Otherwise the exported series ends with
// its last value; added to another one, its counts would be seen twice in rates.
void registry::retire(series& retired) {
  const std::string exported_key = key_of(*retired.identity->instrument, retired.identity->labels);
  if (--identities_.at(exported_key).bound != 0) {
    collector_.fold(retired);
  } else {
    collector_.end(retired);
    identities_.erase(exported_key);
  }
  for (const auto& lane : lanes_) lane->retire(retired);
  if (shared_cells_ != nullptr) shared_cells_->retire(retired);
  series_by_key_.erase(retired.key);
  retired.key.clear();
  retired.identity = nullptr;
  retired.statement = nullptr;
  retired.state.store(0, std::memory_order_relaxed);
  free_series_.push_back(&retired);
}

in_flight_view registry::view_in_flight() {
  in_flight_view view;
  const std::lock_guard lock{mutex_};
  const auto add = [&](const series& series, const in_flight_slot& slot) {
    view.series_of_calls.push_back(&series);
    if (!is_request(series)) return;
    const std::uint64_t begin = slot.begin.load(std::memory_order_relaxed);
    view.oldest_request = std::min(view.oldest_request, begin);
  };
  for_each_in_flight(lanes_, add);
  for_each_in_flight(lanes_of_parent_, add);  // open at the fork, and maybe ended in this process
  std::ranges::sort(view.series_of_calls);
  return view;
}

std::vector<lane*> registry::all_lanes() const {
  std::vector<lane*> lanes;
  for (const auto& lane : lanes_) lanes.push_back(lane.get());
  return lanes;
}

}  // namespace querytap::detail
