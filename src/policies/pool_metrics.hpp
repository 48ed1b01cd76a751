#pragma once

#include <querytap/recording/counter.hpp>
#include <querytap/recording/histogram.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace querytap {

class recorder;

namespace detail {

/// The series of whatever lends connections: what is known of a pool from outside.
///
/// Threads  any number at once.
struct lending_metrics {
  lending_metrics(recorder& recorder, std::string_view name);

  /// Another number of idle objects and of used ones.
  void change(std::int64_t idle_change, std::int64_t used_change) const noexcept {
    idle.add(idle_change);
    used.add(used_change);
  }

  // `db.client.connection.*`
  up_down_counter idle;
  up_down_counter used;
  up_down_counter max;
  up_down_counter pending_requests;
  counter timeouts;
  histogram wait_time;
  histogram use_time;
};

/// The series of a pool of our own.
///
/// Threads  any number at once.
struct pool_metrics : lending_metrics {
  pool_metrics(recorder& recorder, std::string_view name);

  // A thread's first record in a lane may destroy a recorder that has ended, which waits for a fork, which waits
  // for the pool's lock: so it is made before that is taken.
  void lease_lane() const noexcept { used.add(0); }

  void change_limits(std::int64_t minimum, std::int64_t maximum) const noexcept {
    idle_min.add(minimum);
    idle_max.add(maximum);
    max.add(maximum);
  }

  // `db.client.connection.*`
  up_down_counter idle_max;
  up_down_counter idle_min;
  histogram create_time;
  // `querytap.pool.*`
  histogram queueing;
  histogram connecting;
  histogram validating;
  counter leaks;
  counter unleaks;
};

}  // namespace detail
}  // namespace querytap
