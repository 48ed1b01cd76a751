#pragma once

#include <cstdint>

namespace querytap::detail {

class lane;
class registry;

/// The lane that this thread leases of the registry with this id; null without one.
[[nodiscard]] const lane* lane_of_this_thread(std::uint64_t registry_id) noexcept;

/// Gives this thread a lane of the registry, if it has none yet.
void lease_to_this_thread(registry& registry) noexcept;
/// For the child of a fork: the inherited leases are discarded, since their lanes belong to the
/// parent.
void forget_lanes_of_this_thread() noexcept;

}  // namespace querytap::detail
