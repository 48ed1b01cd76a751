#pragma once

#include <querytap/base/error.hpp>

#include <string_view>

namespace querytap::detail {

/// Throws configuration_error for what SQLite takes for a database of the connection's own, which says nothing of the
/// application's.
inline void expect_database_file(std::string_view path) {
  if (!path.empty() && path != ":memory:") return;
  throw configuration_error{"path", path, "expected the file of a database"};
}

}  // namespace querytap::detail
