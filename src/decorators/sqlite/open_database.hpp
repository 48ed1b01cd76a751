#pragma once

#include <querytap/calls/backend.hpp>

#include <sqlite3.h>

#include <chrono>
#include <cstdint>

namespace querytap::sqlite::detail {

/// What the backend of an open connection is called.
[[nodiscard]] backend_options backend_options_of(sqlite3* db,
                                                 std::chrono::nanoseconds slow_threshold,
                                                 double slow_multiple, bool describe_parameters);

/// As in call_report::database_file. A new file may not be there before something is written.
[[nodiscard]] std::uint64_t number_of_file(sqlite3* db);

}  // namespace querytap::sqlite::detail
