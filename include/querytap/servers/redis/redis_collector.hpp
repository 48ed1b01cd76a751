#pragma once

#include <querytap/base/detail/pimpl.hpp>
#include <querytap/servers/collector.hpp>
#include <querytap/servers/redis/redis_address.hpp>

#include <cstddef>

namespace querytap {

struct redis_collector_options {
  redis_address server = {};
  std::chrono::nanoseconds interval = std::chrono::seconds{15};
  std::size_t most_commands = 50;   ///< that are named; the rest is `_OTHER`
  std::size_t most_databases = 16;  ///< likewise
};

/// What a Redis server says of itself: clients, memory, persistence, replication, keys, what each command
/// costs, which errors it gave, and the entries of its SLOWLOG.
///
///     redis_collector cache{{.server = {.host = "cache"}}};
///     collected found;
///     cache.collect(found, std::chrono::steady_clock::now() + 5s);
///
/// Each entry of the SLOWLOG is counted once, by the name of its command; arguments and client addresses are
/// not kept. Entries that were overwritten before they were read are counted as missed. Entries of a script
/// are those of EVAL and of the commands in it.
///
/// Statements are commands in their plainest form, as `SET ? ?`: the server does not tell options or numbers
/// of arguments apart. Its time is that of execution, without waiting of blocking commands.
///
/// The user needs the commands INFO, SLOWLOG GET and COMMAND INFO: `ACL SETUSER watcher on >… +info
/// +slowlog|get +command|info`. Without the second there are no numbers of slow commands, and without the
/// third a command with two or more arguments is not joined; both are named as unavailable.
///
/// Units    as the OpenTelemetry Collector's receiver for Redis has them.
/// Threads  as collector.
/// Cost     one connection that stays open; INFO and SLOWLOG GET, some 100 µs of the server. Looking up the
///          host's name may take longer than the deadline.
/// Errors   collect_error: the server did not answer in time, refuses INFO, or cannot be reached.
/// Source   redis.io/docs/latest/commands/info and slowlog-get; names of the Collector's redisreceiver.
class redis_collector final : public collector {
 public:
  explicit redis_collector(redis_collector_options options);
  ~redis_collector() override;

  [[nodiscard]] std::string name() const override;
  [[nodiscard]] std::chrono::nanoseconds interval() const override;
  [[nodiscard]] attributes calls_to_join() const override;
  void collect(collected& found, deadline until) override;

 private:
  class state;
  detail::pimpl<state> state_;
};

}  // namespace querytap

#ifdef QUERYTAP_IMPLEMENTATION
#include <querytap/implementation/redis_server.hpp>
#endif
