#pragma once

#include <querytap/base/duration.hpp>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

namespace querytap {

/// How a pool behaves; the defaults serve a service beside a database.
///
/// Units  a timeout or life of 0 never ends, but for acquisition_timeout: then nobody waits.
struct pool_options {
  /// `db.client.connection.pool.name`, without secrets. Pools of one name are counted as one: their connections,
  /// limits, waits and timeouts add up, and end with each of them. Give pools that differ names that do.
  std::string name;
  std::size_t minimum = 0;  ///< made with the pool, and kept
  std::size_t maximum = 10;
  std::chrono::milliseconds acquisition_timeout{5000};
  /// A lease that lasts longer is a finding, `connection_held`, once, and counts in `querytap.pool.leaks`
  /// until it ends, which counts in `querytap.pool.unleaks`.
  std::chrono::milliseconds held_after{30000};
  /// Objects beyond the minimum that nobody has used for so long are destroyed.
  std::chrono::milliseconds idle_timeout{std::chrono::minutes{10}};
  /// An object is destroyed at this age, once it is given back; up to a tenth earlier, by chance, so that
  /// those that were made together are not replaced together.
  std::chrono::milliseconds longest_life{std::chrono::minutes{30}};
  /// An object that was idle for less is lent without being validated: for a `validate` that asks the server,
  /// which one that only looks at the connection need not spare. 0: each borrower validates.
  std::chrono::milliseconds validate_after{0};
  /// How many objects are made at the same time, so that a burst of callers is none of connections.
  std::size_t concurrent_connects = 2;
  /// Leaves the minimum to pool_keeper, or to maintain(), instead of the constructor.
  bool warm_up_in_background = false;
  /// Of the jitter; 0: another one for each pool.
  std::uint64_t random_seed = 0;
};

/// No object was given back to the pool within the acquisition timeout.
class pool_timeout : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The pool lends nothing any more: drain() was called, or its destructor.
class pool_closed : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace querytap
