#pragma once

namespace querytap::detail {

/// For the child of a fork: what it inherited belongs to the parent, and is not given back.
void forget_lanes_of_this_thread() noexcept;

}  // namespace querytap::detail
