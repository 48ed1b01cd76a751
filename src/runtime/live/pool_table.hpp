#pragma once

#include <querytap/snapshot/snapshot.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace querytap::detail {

/// What a pool of connections holds, and how long callers waited for a connection.
struct pool_row {
  std::string name = {};  ///< `db.client.connection.pool.name`
  std::int64_t maximum = 0;
  std::int64_t used = 0;
  std::int64_t idle = 0;
  std::int64_t waiting = 0;  ///< callers
  std::int64_t timeouts = 0;
  std::optional<histogram_data> wait = {};  ///< none without a histogram
};

/// The pools of a snapshot, by name.
[[nodiscard]] std::vector<pool_row> pool_table(const snapshot& snapshot);

}  // namespace querytap::detail
