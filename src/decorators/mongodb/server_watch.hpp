#pragma once

#include <querytap/base/clock.hpp>
#include <querytap/base/outcome.hpp>
#include <querytap/decorators/mongodb/topology.hpp>
#include <querytap/recording/histogram.hpp>
#include <querytap/recording/recorder.hpp>

#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace querytap::mongodb::detail {

/// What libmongoc tells of its servers: heartbeats and changes, a few in ten seconds.
///
/// Threads  any: those of libmongoc's monitors for a pool, the application's own for a client.
/// Cost     a lock; the first event of a server allocates.
class server_watch {
 public:
  struct server_name {
    std::string_view address;
    std::uint16_t port;
  };

  explicit server_watch(recorder& telemetry);

  void heartbeat_began(server_name name) noexcept;
  /// One that was `awaited` took as long as the server had no news. `failure` has not failed if it was answered.
  void heartbeat_ended(server_name name, bool was_awaited, const outcome& failure) noexcept;
  /// Of the servers only names and types count. Those that are not known to be of any type may be missing.
  void changed(topology&& known) noexcept;
  void closed(server_name name) noexcept;

  [[nodiscard]] topology latest() const;
  /// Nothing is recorded from now on.
  void stop() noexcept;

 private:
  struct watched_server {
    std::string address;
    std::uint16_t port;
    std::uint64_t begin = 0;  ///< ticks of the heartbeat under way
    std::chrono::nanoseconds round_trip{0};
    std::uint64_t failures = 0;  ///< in a row
    histogram duration = {};
  };

  [[nodiscard]] watched_server* find(server_name name);
  [[nodiscard]] attributes labels_of(const watched_server& server) const;

  recorder& telemetry_;
  mutable std::mutex mutex_;  // guards what follows
  bool is_stopped_ = false;
  topology topology_;
  std::vector<watched_server> servers_;
};

}  // namespace querytap::mongodb::detail
