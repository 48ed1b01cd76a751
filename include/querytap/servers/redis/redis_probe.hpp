#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/health_probe.hpp>
#include <querytap/servers/redis/redis_address.hpp>

#include <cstdint>

namespace querytap {

enum class redis_role : std::uint8_t { any, primary, replica };

struct redis_probe_options {
  redis_address server = {};
  redis_role role = redis_role::any;  ///< what it is needed as; another role fails
  std::uint32_t least_replicas = 0;   ///< fewer replicas of a primary are a warning
};

/// How a Redis server is: its role, the link of a replica to its primary, memory, connections, persistence.
///
///     redis_probe cache{{.server = {.host = "cache"}, .role = redis_role::primary}};
///     const health_answer answer = cache.look(std::chrono::steady_clock::now() + 1s);
///
/// It fails while a data set is loaded, when the link to the primary is down, when memory is full and nothing
/// may be evicted, when connections were refused since the last look or are nearly used up, and when a
/// snapshot or the append-only file could not be written. It fails while fewer replicas keep up than
/// min-replicas-to-write asks for, as writes are refused then, and warns of those that do not keep up. A server that runs a script for too long answers
/// nothing else: that is a warning, as the server is busy and not down.
///
/// The user needs the command INFO: `ACL SETUSER watcher on >… +info`. Without it the probe says so. With
/// `+config|get` min-replicas-to-write is known, too; otherwise it is taken for 1 where it is set.
///
/// Threads  as health_probe.
/// Cost     one connection that stays open, and one INFO: some 100 µs of the server. Looking up the host's
///          name may take longer than the deadline.
/// Errors   probe_error: the server did not answer in time, refuses, or cannot be reached.
/// Source   redis.io/docs/latest/commands/info, of 7.0; fields that a version lacks are not judged.
class redis_probe final : public health_probe {
 public:
  explicit redis_probe(redis_probe_options options);
  ~redis_probe() override;

  [[nodiscard]] health_answer look(deadline until) override;

 private:
  class state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/redis_server.hpp>
#endif
