#pragma once

namespace querytap::detail {

/// For the child of a fork: the inherited leases are discarded, since their lanes belong to the
/// parent.
void forget_lanes_of_this_thread() noexcept;

}  // namespace querytap::detail
