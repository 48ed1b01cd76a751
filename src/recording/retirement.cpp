// How a registry lets go of series that nobody uses.

#include "registry.hpp"

#include <querytap/snapshot/catalog.hpp>

#include <algorithm>
#include <utility>

namespace querytap::detail {

/// What a registry tells its owners during a collection.
class registry::usage final : public series_usage {
 public:
  usage(registry& of, std::uint64_t now) : of_{of}, now_{now} {}

  [[nodiscard]] bool is_idle(const series& one) const override {
    if (!of_.collector_.has_seen(one)) return false;
    const std::uint64_t unused =
        of_.time_->nanoseconds_between(of_.collector_.last_change(one), now_);
    return unused >= static_cast<std::uint64_t>(of_.options_.retire_idle_after.count());
  }

  [[nodiscard]] in_flight_view in_flight() const override { return of_.view_in_flight(); }

  // A change is dated by the begin of the collection that saw it: the call itself may be younger by as
  // much as that took. One that no collection has seen may be of any request.
  [[nodiscard]] bool is_older_than_requests(const series& one,
                                            const in_flight_view& then) const override {
    return of_.collector_.is_collected(one, lanes_) &&
           of_.collector_.last_change(one) + of_.longest_collection_ < then.oldest_request;
  }

 private:
  registry& of_;
  const std::uint64_t now_;
  const std::vector<lane*> lanes_ = of_.all_lanes();
};

// Often enough that nothing outlives its time by much, and rarely enough that nobody notices.
std::uint64_t registry::time_between_retirements() const noexcept {
  return static_cast<std::uint64_t>(options_.retire_idle_after.count()) / 8;
}

void registry::release(series& bound) noexcept {
  const std::lock_guard lock{mutex_};
  const bool is_shared_by_all = bound.overflow == nullptr;
  if (is_shared_by_all || --bound.holders != 0) return;
  try {
    released_.push_back(&bound);
  } catch (const std::bad_alloc&) {
    bound.holders = 1;  // stays for ever, which is a waste, but true
  }
}

void registry::retire_idle(std::uint64_t now) {
  const usage seen{*this, now};
  for (recorder_part* const part : all_parts()) part->release_idle(seen);
  retire_released();
}

// Only what has been collected as it is now: the last value of a series is always exported.
void registry::retire_released() {
  const std::vector<lane*> lanes = all_lanes();
  const std::lock_guard lock{mutex_};
  // Who was bound again and released again stands there twice.
  std::ranges::sort(released_);
  released_.erase(std::unique(released_.begin(), released_.end()), released_.end());
  std::vector<series*> not_yet;
  for (series* one : std::exchange(released_, {})) {
    if (one->holders != 0) continue;
    if (collector_.has_seen(*one) && collector_.is_collected(*one, lanes)) {
      retire(*one);
    } else {
      not_yet.push_back(one);
    }
  }
  released_ = std::move(not_yet);
  for (instrument_state& state : instruments_) {
    std::erase_if(state.bound, [](const series* one) { return one->identity == nullptr; });
  }
}

// An exported series never falls back: while others are exported under the same attributes, what was
// counted stays with them.
void registry::retire(series& gone) {
  instrument_state& state = state_of(*gone.identity->instrument);
  const std::string exported_key = key_of(*gone.identity->instrument, gone.identity->labels);
  identity_state& exported = identities_.at(exported_key);
  const auto& overflow = state.overflow->identity;
  if (--exported.bound != 0) {
    collector_.fold(gone, exported.identity);
  } else {
    collector_.move_remainder(exported.identity, overflow);
    collector_.fold(gone, overflow);
    identities_.erase(exported_key);
  }
  for (const auto& in : lanes_) in->forget(gone);
  series_by_key_.erase(gone.key);
  gone.key.clear();
  gone.identity = nullptr;
  gone.statement = nullptr;
  free_series_.push_back(&gone);
}

in_flight_view registry::view_in_flight() {
  in_flight_view view;
  const std::vector<lane*> lanes = all_lanes();
  const std::lock_guard lock{mutex_};
  for_each_in_flight(lanes, [&](const series& of, const in_flight_slot& slot) {
    view.series_of_calls.push_back(&of);
    if (of.identity == nullptr || of.identity->instrument->name != catalog::request_duration.name)
      return;
    const std::uint64_t begin = slot.begin.load(std::memory_order_relaxed);
    view.oldest_request = std::min(view.oldest_request, begin);
  });
  std::ranges::sort(view.series_of_calls);
  return view;
}

std::vector<lane*> registry::all_lanes() {
  const std::lock_guard lock{mutex_};
  std::vector<lane*> lanes;
  for (const auto& one : lanes_) lanes.push_back(one.get());
  return lanes;
}

}  // namespace querytap::detail
