#pragma once

#include <querytap/base/database_system.hpp>
#include <querytap/query/identify.hpp>
#include <querytap/snapshot/call_report.hpp>

#include <memory>
#include <string_view>

namespace querytap::testing {

/// A slow call of this statement, in a database called `test` where "x" is a name.
[[nodiscard]] inline call_report slow_call(std::string_view system, std::string_view sql) {
  call_report call;
  call.system = system;
  call.database = "test";
  call.duration = std::chrono::milliseconds{200};
  call.statement = std::make_shared<const statement_identity>(
      identify(sql, find_database_system(system).dialect, {.double_quoted_names = true}));
  return call;
}

}  // namespace querytap::testing
