#pragma once

#include "file_session.hpp"

#include <querytap/snapshot/health_report.hpp>

#include <string>
#include <string_view>

namespace querytap::detail {

/// What SQLite's refusal means for an on-call person. A lock is named with the process that has it.
[[nodiscard]] health_measurement sqlite_fault(std::string_view name, const sqlite_failure& failure,
                                              const std::string& path);

/// A file without a page: SQLite takes it for a database in which nothing has been stored yet.
[[nodiscard]] health_measurement empty_database(std::string_view name);

}  // namespace querytap::detail
