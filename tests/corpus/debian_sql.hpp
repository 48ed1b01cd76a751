#pragma once

#include <string>
#include <vector>

namespace querytap::testing {

/// The statements of every SQL file in Debian's postgresql-15, of the bodies of the functions in
/// these files, and of pgbench's own scripts; each text once.
///
/// Errors   throws std::runtime_error that names the package where the package is not installed.
[[nodiscard]] const std::vector<std::string>& debian_sql();

}  // namespace querytap::testing
