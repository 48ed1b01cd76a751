#pragma once

#include <querytap/snapshot/query_plan.hpp>

#include <cstdint>

namespace querytap {

/// Equal for plans that take the same steps on the same tables by the same indexes in the same
/// order; estimates and conditions do not count. The same in every process.
///
///     plan.shape = plan_shape(plan.root);
///
/// Threads  a pure function.
[[nodiscard]] std::uint64_t plan_shape(const plan_node& root) noexcept;

}  // namespace querytap
