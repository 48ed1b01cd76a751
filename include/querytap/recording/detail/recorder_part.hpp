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
  /// True if nothing has been recorded into the series for as long as the option
  /// `retire_idle_after` says, and everything recorded before has been collected.
  [[nodiscard]] virtual bool is_idle(const series& series) const = 0;
  [[nodiscard]] virtual in_flight_view in_flight() const = 0;
  /// True if no request that was in flight in this view has made a call that was recorded into the
  /// series.
  [[nodiscard]] virtual bool is_older_than_requests(const series& series,
                                                    const in_flight_view& view) const = 0;

 protected:
  ~series_usage() = default;
};

/// State that the clients of one recorder share, and the series that it holds on their behalf: made
/// by recorder::part() on first use, destroyed with the recorder.
///
/// Threads  the functions here are called by collections, one at a time.
class recorder_part {
 public:
  virtual ~recorder_part() = default;
  recorder_part(const recorder_part&) = delete;
  recorder_part& operator=(const recorder_part&) = delete;

  /// Called every now and then, after a collection: releases the series that are idle.
  virtual void release_idle(const series_usage& usage) = 0;
  /// Adds the part's other data to the snapshot.
  virtual void add_to(snapshot& /*snapshot*/) {}
  /// Called in the child of a fork, with everything locked: forgets what belongs to the parent.
  virtual void start_from_zero() noexcept {}

 protected:
  recorder_part() = default;
};

/// Guards the tables of all parts of a recorder: one lock for all of them, for which a fork waits,
/// so that the child finds the tables whole.
class parts_lock {
 public:
  explicit parts_lock(recorder& recorder) noexcept;
  ~parts_lock();
  parts_lock(const parts_lock&) = delete;
  parts_lock& operator=(const parts_lock&) = delete;

 private:
  registry& locked_;
};

}  // namespace detail
}  // namespace querytap
