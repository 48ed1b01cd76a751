#pragma once

#include <cstdint>
#include <string>

namespace querytap {

/// Where a MariaDB or MySQL server listens, and who asks it.
///
///     mysql_address orders{.host = "db", .user = "watcher", .password = password};
///
/// The host is the text that the application connects with: by it the server's statements are joined with
/// the application's calls.
///
/// Threads  a plain value.
struct mysql_address {
  std::string host = {};  ///< empty: the socket of this machine
  std::uint16_t port = 3306;
  std::string unix_socket = {};  ///< instead of host and port
  std::string user = {};
  std::string password = {};
  std::string tls_authority = {};  ///< a file of certificates; not empty: TLS, and no other way
};

}  // namespace querytap
