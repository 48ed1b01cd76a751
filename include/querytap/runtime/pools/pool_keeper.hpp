#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/base/smart_pointers.hpp>
#include <querytap/policies/pool.hpp>

#include <cstddef>

namespace querytap {

struct pool_keeper_options {
  /// Changes the pool's maximum with its load, between its minimum and the maximum that it was given.
  bool adaptive = false;
  std::chrono::milliseconds adapt_every{10'000};
  /// How many connections the server allows, such as PostgreSQL's `max_connections`, less those that are for
  /// others; 0: not known. The pool's maximum never exceeds the share of each instance.
  std::size_t server_connections = 0;
  std::size_t instances = 1;  ///< of this service, each with such a pool
};

/// Does for a pool on a thread of its own what its callers would have to do or to wait for: makes the minimum,
/// at the start and again later, destroys what is too old or was idle for too long, and adapts the maximum.
///
///     pool<postgres::connection> connections{recorder, {.name = "documents", .minimum = 4,
///                                            .warm_up_in_background = true}, connect};
///     pool_keeper keeper{connections};
///
/// Threads  one of its own, on which `create` and destructors of the pool's objects run.
/// Errors   configuration_error at construction. An exception of `create` ends nothing: the next try is due
///          when the pool's back-off is over.
/// Lifetime the pool outlives the keeper. The child of a fork has a keeper of its own.
class pool_keeper {
 public:
  template <class T>
  explicit pool_keeper(querytap::pool<T>& pool, pool_keeper_options options = {})
      : pool_keeper{*pool.slots_, options} {}
  ~pool_keeper();

 private:
  class task;

  pool_keeper(detail::pool_slots& slots, const pool_keeper_options& options);

  std::unique_ptr<task> task_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/pools.hpp>
#endif
