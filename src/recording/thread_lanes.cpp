#include "thread_lanes.hpp"

#include "registry.hpp"

#include <querytap/base/detail/uncaught_exceptions.hpp>
#include <querytap/recording/detail/in_flight.hpp>
#include <querytap/recording/detail/lane.hpp>
#include <querytap/recording/detail/series.hpp>
#include <querytap/recording/trace_scope.hpp>

#include <algorithm>
#include <memory>
#include <new>
#include <vector>

namespace querytap::detail {
namespace {

// The current lane of a thread without a lane: no series has the recorder id of its owner, so that
// every record takes the slow path.
constinit lane_directory no_lane{.owner = ~std::uint64_t{0}};

constinit thread_local bool storage_is_destroyed = false;

// The lanes that a thread leases, one for each recorder that it has recorded into.
class thread_lanes {
 public:
  ~thread_lanes() {
    storage_is_destroyed = true;
    current_lane = &no_lane;
    for (const lane_lease& lease : leases_) {
      lease.leased->write_pending_out();
      lease.owner->return_lane(*lease.leased);
    }
  }

  [[nodiscard]] lane* lane_in(registry& registry) {
    const auto found = std::ranges::find(leases_, registry.id(), &lane_lease::id);
    if (found != leases_.end()) return found->leased;
    forget_closed();
    leases_.reserve(leases_.size() + 1);
    lane* lane = registry.lease_lane();
    if (lane != nullptr) {
      lane->uncaught_exceptions = place_of_uncaught_exceptions();
      leases_.push_back({registry.shared_from_this(), lane});
    }
    return lane;
  }

  [[nodiscard]] const lane* find(std::uint64_t registry_id) const noexcept {
    const auto found = std::ranges::find(leases_, registry_id, &lane_lease::id);
    return found == leases_.end() ? nullptr : found->leased;
  }

  void forget_all() noexcept { leases_.clear(); }

 private:
  void forget_closed() {
    current_lane = &no_lane;
    std::erase_if(leases_, [](const lane_lease& lease) { return lease.owner->closed(); });
  }

  struct lane_lease {
    std::shared_ptr<registry> owner;
    lane* leased;

    [[nodiscard]] std::uint64_t id() const noexcept { return owner->id(); }
  };

  std::vector<lane_lease> leases_;
};

thread_lanes& lanes_of_this_thread() {
  thread_local thread_lanes lanes;
  return lanes;
}

bool is_in_sampled_trace() noexcept { return current_trace != nullptr && current_trace->sampled(); }

// Null if there is no memory. Within a sampled trace the thread has no current lane, so that every
// record takes record_slow(), and records outside of a trace need no check for one.
lane* lane_of_this_thread(registry& registry) noexcept {
  try {
    lane* lane = lanes_of_this_thread().lane_in(registry);
    if (lane != nullptr && !is_in_sampled_trace()) current_lane = lane;
    return lane;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

constinit thread_local lane_directory* current_lane QUERYTAP_INITIAL_EXEC = &no_lane;
constinit thread_local const trace_context* current_trace QUERYTAP_INITIAL_EXEC = nullptr;

series no_series;

void forget_lanes_of_this_thread() noexcept {
  current_lane = &no_lane;
  if (!storage_is_destroyed) lanes_of_this_thread().forget_all();
}

const lane* lane_of_this_thread(std::uint64_t registry_id) noexcept {
  return storage_is_destroyed ? nullptr : lanes_of_this_thread().find(registry_id);
}

void lease_to_this_thread(registry& registry) noexcept {
  if (storage_is_destroyed) return;
  if (lane* const own = lane_of_this_thread(registry)) own->write_pending_out();
}

void record_slow(series& series, std::uint64_t value) noexcept {
  // The series has no own cell in this lane.
  if (current_lane->owner == series.recorder_id) {
    if (!static_cast<lane*>(current_lane)->record(series, value)) series.home->count_dropped();
    return;
  }
  if (series.home == nullptr) return;
  if (storage_is_destroyed) return series.home->record_without_lane(series, value);
  lane* lane = lane_of_this_thread(*series.home);
  if (lane == nullptr || !lane->record(series, value)) return series.home->count_dropped();
  if (is_in_sampled_trace()) lane->offer_exemplar(series, value, *current_trace);
}

// A first record becomes the pending one as well: the next call would come here again.
void record_with_next_slow(series& series, std::uint64_t value) noexcept {
  if (series.home == nullptr || storage_is_destroyed) return record_slow(series, value);
  if (lane* const own = lane_of_this_thread(*series.home)) {
    own->write_pending_out();
    if (current_lane == own && own->begin_pending(series, value)) return;
  }
  record_slow(series, value);
}

in_flight_slot* publish_slow(const series& series, std::uint64_t begin, std::uint64_t slow_after,
                             code_location site) noexcept {
  if (series.home == nullptr || storage_is_destroyed) return nullptr;
  lane* lane = lane_of_this_thread(*series.home);
  in_flight_slot* slot =
      lane == nullptr ? nullptr : publish_in(*lane, series, begin, slow_after, site);
  if (slot == nullptr) series.home->count_not_shown();
  return slot;
}

std::uint64_t clamped(const series& series) noexcept {
  if (series.home != nullptr) series.home->count_clamped();
  return most_added;
}

void add_slow(series& series, std::uint64_t amount) noexcept {
  if (series.home == nullptr) return;
  if (storage_is_destroyed) return series.home->add_without_lane(series, amount);
  lane* lane = lane_of_this_thread(*series.home);
  if (lane == nullptr || !lane->add(series, amount)) series.home->count_dropped();
}

}  // namespace querytap::detail

namespace querytap {

trace_scope::trace_scope(const trace_context& trace) noexcept
    : trace_{trace}, outer_{detail::current_trace} {
  detail::current_trace = &trace_;
  detail::current_lane = &detail::no_lane;
}

trace_scope::~trace_scope() {
  detail::current_trace = outer_;
  detail::current_lane = &detail::no_lane;
}

}  // namespace querytap
