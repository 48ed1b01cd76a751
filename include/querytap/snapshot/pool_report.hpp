#pragma once

#include <querytap/base/duration.hpp>
#include <querytap/snapshot/call_site.hpp>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace querytap {

/// Who has an object of a pool.
struct pool_lease {
  std::uint64_t number = 0;  ///< counts the leases of the pool, from 1
  call_site site = {};       ///< of acquire()
  std::string request = {};  ///< name of the request in which it was acquired; at most 63 bytes
  std::chrono::nanoseconds age{};  ///< since a slot was free for it
  std::uint32_t server_pid = 0;    ///< of the connection's session on the server; 0: not known
  std::uint64_t thread = 0;        ///< that acquired it: the operating system's number
};

/// The state of a pool at one instant.
///
/// Threads  a plain value.
struct pool_report {
  std::string name = {};  ///< `db.client.connection.pool.name`
  std::size_t maximum = 0;
  std::size_t used = 0;                     ///< lent, or about to be
  std::size_t waiting = 0;                  ///< callers
  std::chrono::nanoseconds longest_wait{};  ///< of these callers, so far
  std::uint64_t timeouts = 0;               ///< callers that gave up, since the pool was made
  std::chrono::nanoseconds held_after{};    ///< a lease that lasts longer is a finding; 0: none is
  std::vector<pool_lease> leases = {};      ///< the oldest first, at most 100
  std::size_t minimum = 0;
  std::size_t idle = 0;
  std::size_t connecting = 0;           ///< objects that are being made
  std::chrono::nanoseconds age{};       ///< of the pool
  std::uint64_t uses = 0;               ///< leases that have ended
  std::chrono::nanoseconds use_time{};  ///< of these leases, in all
  /// How often a thread waited that had acquired an object already, and not given it back. The last time it
  /// waited at `nested_at`, and had acquired the other one at `nested_in`.
  std::uint64_t nested = 0;
  call_site nested_at = {};
  call_site nested_in = {};
};

}  // namespace querytap
