#pragma once

#include <querytap/recording/series.hpp>

#include <vector>

namespace querytap {

class recorder;
struct snapshot;

namespace detail {

/// Which series are in use, as a collection sees it.
///
/// Threads  the collecting thread, during the collection.
class series_usage {
 public:
  /// Nothing has been recorded into it for as long as the option `retire_idle_after` says, and what
  /// was has been collected.
  [[nodiscard]] virtual bool is_idle(const series& one) const = 0;
  /// The series of the calls in flight at this moment, in ascending order.
  [[nodiscard]] virtual std::vector<const series*> in_flight() const = 0;

 protected:
  ~series_usage() = default;
};

/// Holds series on behalf of all that looks them up by name, and lets go of those that nobody uses.
///
/// Threads  called by collections, one at a time.
class series_owner {
 public:
  /// The time has come to release what is idle.
  virtual void release_idle(const series_usage& now) = 0;
  /// Tells what it knows besides its series.
  virtual void add_to(snapshot& /*now*/) {}

 protected:
  ~series_owner() = default;
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
