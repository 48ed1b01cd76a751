#pragma once

#include <string>
#include <vector>

namespace querytap::testing {

/// The statements of every SQL file that Debian's postgresql-15 brings, of the bodies of the functions
/// in them, and of pgbench's own scripts; each text once.
///
/// Errors   throws std::runtime_error that names the package where it is not installed.
[[nodiscard]] const std::vector<std::string>& debian_sql();

}  // namespace querytap::testing
