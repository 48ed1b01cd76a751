#pragma once

#include "redis_info.hpp"

#include <querytap/servers/redis/redis_probe.hpp>

#include <cstdint>
#include <optional>

namespace querytap::detail {

/// What INFO means for those who need the server.
///
/// `refused_before` is how many connections it had refused at the last look, `replicas_to_write` without how many
/// replicas that keep up it refuses writes, as far as it says so.
[[nodiscard]] health_answer judge_redis(const redis_info& info, const redis_probe_options& options,
                                        std::optional<std::uint64_t> refused_before,
                                        std::optional<std::uint64_t> replicas_to_write = {});

/// The answer of a server that runs a script and does nothing else.
[[nodiscard]] health_answer busy_redis();

}  // namespace querytap::detail
