#include "thread_lanes.hpp"

#include "registry.hpp"

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

// Stands in where a thread has no lane: no series has its owner's number, so that every record
// takes the slow path.
constinit lane_directory no_lane{.owner = ~std::uint64_t{0}};

constinit thread_local bool storage_is_gone = false;

// The lanes that this thread holds, one for each recorder that it has recorded into.
class thread_lanes {
 public:
  ~thread_lanes() {
    storage_is_gone = true;
    current_lane = &no_lane;
    for (const ref& one : held_) one.from->give_back(*one.leased);
  }

  [[nodiscard]] lane* of(registry& wanted) {
    const auto known = std::find_if(held_.begin(), held_.end(),
                                    [&](const ref& one) { return one.from->id() == wanted.id(); });
    if (known != held_.end()) return known->leased;
    forget_closed();
    held_.reserve(held_.size() + 1);
    lane* leased = wanted.lease_lane();
    if (leased != nullptr) held_.push_back({wanted.shared_from_this(), leased});
    return leased;
  }

  void forget_all() noexcept { held_.clear(); }

 private:
  void forget_closed() {
    current_lane = &no_lane;
    std::erase_if(held_, [](const ref& one) { return one.from->closed(); });
  }

  struct ref {
    std::shared_ptr<registry> from;
    lane* leased;
  };

  std::vector<ref> held_;
};

thread_lanes& lanes_of_this_thread() {
  thread_local thread_lanes lanes;
  return lanes;
}

bool keeps_exemplars() noexcept { return current_trace != nullptr && current_trace->sampled(); }

// Null if there is no memory. Within a trace the thread stays without a current lane, so that every
// record comes by record_slow(), and those outside of one need not look for it.
lane* lane_of_this_thread(registry& wanted) noexcept {
  try {
    lane* leased = lanes_of_this_thread().of(wanted);
    if (leased != nullptr && !keeps_exemplars()) current_lane = leased;
    return leased;
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
  if (!storage_is_gone) lanes_of_this_thread().forget_all();
}

void record_slow(series& to, std::uint64_t value) noexcept {
  if (to.home == nullptr) return;
  if (storage_is_gone) return to.home->record_without_lane(to, value);
  lane* mine = lane_of_this_thread(*to.home);
  if (mine == nullptr || !mine->record(to, value)) return to.home->count_dropped();
  if (keeps_exemplars()) mine->offer_exemplar(to, value, *current_trace);
}

in_flight_slot* publish_slow(const series& series, std::uint64_t begin, std::uint64_t slow_after,
                             const code_location& site) noexcept {
  if (series.home == nullptr || storage_is_gone) return nullptr;
  lane* mine = lane_of_this_thread(*series.home);
  in_flight_slot* taken =
      mine == nullptr ? nullptr : publish_in(*mine, series, begin, slow_after, site);
  if (taken == nullptr) series.home->count_not_shown();
  return taken;
}

void add_slow(series& to, std::uint64_t amount) noexcept {
  if (to.home == nullptr) return;
  if (storage_is_gone) return to.home->add_without_lane(to, amount);
  lane* mine = lane_of_this_thread(*to.home);
  if (mine == nullptr || !mine->add(to, amount)) to.home->count_dropped();
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
