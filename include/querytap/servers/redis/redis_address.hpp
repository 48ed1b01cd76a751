#pragma once

#include <cstdint>
#include <string>

namespace querytap {

/// Where a Redis server listens, and who asks it.
///
///     redis_address cache{.host = "cache", .user = "watcher", .password = password};
///
/// The host is the text that the application connects with: by it the server's statements are joined with
/// the application's calls.
///
/// Threads  a plain value.
struct redis_address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  std::string unix_socket = {};  ///< instead of host and port
  std::string user = {};         ///< empty: the default user
  std::string password = {};     ///< empty: no AUTH is sent
};

}  // namespace querytap
