#pragma once

#include <querytap/snapshot/finding.hpp>
#include <querytap/snapshot/pool_report.hpp>

#include <chrono>
#include <cstdint>

namespace querytap::detail {

// From the state of a pool to findings.

/// A lease that lasts longer than it may.
[[nodiscard]] finding held_lease(const pool_report& pool, const pool_lease& lease,
                                 std::chrono::system_clock::time_point time);

/// Callers wait, or gave up: `gave_up` of them since the last look.
[[nodiscard]] finding exhausted_pool(const pool_report& pool, std::uint64_t gave_up,
                                     std::chrono::system_clock::time_point time);

/// So many times since the last look, a thread waited for a second object.
[[nodiscard]] finding nested_lease(const pool_report& pool, std::uint64_t times,
                                   std::chrono::system_clock::time_point time);

}  // namespace querytap::detail
