#pragma once

#include <querytap/snapshot/call_report.hpp>

#include <cstdint>
#include <string>

namespace querytap::detail {

/// The database that a connection string names, as far as the string is explicit.
struct postgres_address {
  std::string database = {};
  std::string host = {};   ///< empty: not given, or one of several
  std::uint16_t port = 0;  ///< 0: the default port, or one of several

  /// Whether the call went to this database.
  [[nodiscard]] bool serves(const call_report& call) const;
};

/// Throws configuration_error for a connection string that libpq cannot read. The error does not
/// show the string, which may hold a password.
[[nodiscard]] postgres_address address_in(const std::string& connection_string);

}  // namespace querytap::detail
