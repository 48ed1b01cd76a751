#pragma once

#include <querytap/base/duration.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace querytap::mongodb {

/// A server as libmongoc knows it.
struct server_state {
  std::string address = {};
  std::uint16_t port = 0;
  std::string type = {};  ///< `Standalone`, `Mongos`, `RSPrimary`, `RSSecondary`, `Unknown`, …
  /// Of the last heartbeat that waited for nothing; 0: there was none.
  std::chrono::nanoseconds round_trip{0};
  std::uint64_t failed_heartbeats = 0;  ///< in a row

  [[nodiscard]] bool is_known() const noexcept {
    return type != "Unknown" && type != "PossiblePrimary";
  }
  [[nodiscard]] bool takes_writes() const noexcept {
    return type == "Standalone" || type == "Mongos" || type == "RSPrimary" ||
           type == "LoadBalancer";
  }
};

/// What libmongoc knows of its servers, by its last heartbeats.
///
///     if (!watched.topology().has_writable()) degraded("documents cannot be stored");
///
/// Lifetime a copy: the next change makes another one.
struct topology {
  std::string type = {};  ///< `Single`, `ReplicaSetWithPrimary`, …; empty: nobody has looked yet
  std::vector<server_state> servers = {};
  std::uint64_t changes = 0;  ///< so far

  [[nodiscard]] bool has_writable() const noexcept {
    for (const server_state& server : servers) {
      if (server.takes_writes()) return true;
    }
    return false;
  }
  [[nodiscard]] bool has_known() const noexcept {
    for (const server_state& server : servers) {
      if (server.is_known()) return true;
    }
    return false;
  }
};

}  // namespace querytap::mongodb
