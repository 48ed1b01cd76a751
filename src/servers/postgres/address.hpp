#pragma once

#include <querytap/snapshot/call_report.hpp>

#include <cstdint>
#include <string>

namespace querytap::detail {

/// Which database a connection string leads to, as far as it says so.
struct postgres_address {
  std::string database = {};
  std::string host = {};   ///< empty: not said, or one of several
  std::uint16_t port = 0;  ///< 0: the default one, or one of several

  [[nodiscard]] bool is_that_of(const call_report& call) const;
};

/// Throws configuration_error, which does not show the connection string, for one that libpq cannot read.
[[nodiscard]] postgres_address address_in(const std::string& connection_string);

}  // namespace querytap::detail
