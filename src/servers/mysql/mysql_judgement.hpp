#pragma once

#include "mysql_state.hpp"

#include <querytap/servers/mysql/mysql_probe.hpp>

#include <cstdint>
#include <optional>
#include <vector>

namespace querytap::detail {

struct mysql_look {
  bool is_read_only = false;
  mysql_variables status = {};
  std::optional<std::int64_t> max_connections = {};
  std::optional<std::vector<mysql_channel>> channels = {};  ///< nothing: not allowed to ask
  std::optional<mysql_transactions> transactions = {};      ///< likewise
};

/// What was seen means for those who need the server. `before` is the last look's status.
[[nodiscard]] health_answer judge_mysql(const mysql_look& look, const mysql_probe_options& options,
                                        const mysql_variables* before);

}  // namespace querytap::detail
