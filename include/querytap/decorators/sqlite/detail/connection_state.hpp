#pragma once

#include <querytap/decorators/sqlite/detail/lock_waits.hpp>
#include <querytap/decorators/sqlite/detail/statement_metrics.hpp>

#include <cstdint>

namespace querytap::sqlite::detail {

/// What a connection shares with its statements, which may outlive it.
struct connection_state {
  connection_state(std::uint64_t file, const statement_metrics& counts) noexcept
      : waits{file}, metrics{counts} {}

  lock_waits waits;
  const statement_metrics& metrics;
};

}  // namespace querytap::sqlite::detail
