#pragma once

#include <querytap/recording/detail/series.hpp>

#include <cstdint>
#include <vector>

namespace querytap {

class recorder;
struct snapshot;

namespace detail {

/// The calls and requests in flight at one moment.
struct in_flight_view {
  std::vector<const series*> series_of_calls;  // in ascending order; those of requests too
  std::uint64_t oldest_request = UINT64_MAX;   // ticks at its begin
};

/// Which series are in use, as a collection sees it.
///
/// Threads  the collecting thread, during the collection.
class series_usage {
 public:
  /// Nothing has been recorded into it for as long as the option `retire_idle_after` says, and what
  /// was has been collected.
  [[nodiscard]] virtual bool is_idle(const series& one) const = 0;
  [[nodiscard]] virtual in_flight_view in_flight() const = 0;
  /// No request that was in flight then has made a call that was recorded into it.
  [[nodiscard]] virtual bool is_older_than_requests(const series& one,
                                                    const in_flight_view& then) const = 0;

 protected:
  ~series_usage() = default;
};

/// Holds series on behalf of all that looks them up by name, and lets go of those that nobody uses.
///
/// Threads  called by collections, one at a time.
class recorder_part {
 public:
  /// The time has come to release what is idle.
  virtual void release_idle(const series_usage& now) = 0;
  /// Tells what it knows besides its series.
  virtual void add_to(snapshot& /*now*/) {}
  /// This is the child of a fork, with everything locked: what it knows is the parent's.
  virtual void start_from_zero() noexcept {}

 protected:
  ~recorder_part() = default;
};

/// What owners guard their tables with: one lock for all owners of a recorder, for which a fork
/// waits, so that the child finds them whole.
class owners_lock {
 public:
  explicit owners_lock(recorder& of) noexcept;
  ~owners_lock();
  owners_lock(const owners_lock&) = delete;
  owners_lock& operator=(const owners_lock&) = delete;

 private:
  registry& locked_;
};

}  // namespace detail
}  // namespace querytap
