#pragma once

#include <cstdint>
#include <string>

namespace querytap {

/// Where one member of a MongoDB listens, and who asks it.
///
///     mongodb_address chat{.host = "db", .user = "watcher", .password = password};
///
/// The host is the text that the member has in the replica set: by it the server's statements are joined with
/// the application's calls.
///
/// libmongoc has a log of its own: unless mongoc_log_set_handler() says otherwise, it prints on standard output what
/// a server says that refuses a login.
///
/// Threads  a plain value.
struct mongodb_address {
  std::string host = "127.0.0.1";
  std::uint16_t port = 27017;
  std::string user = {};  ///< empty: no authentication
  std::string password = {};
  std::string user_database = "admin";  ///< where the user is defined
  std::string tls_authority = {};  ///< a file of certificates; not empty: TLS, and no other way
};

}  // namespace querytap
