#pragma once

#include <functional>

namespace querytap::testing {

/// How often `work` allocates on this thread by C++'s means; libpq allocates by C's. 0 under a
/// sanitizer, which has an allocator of its own.
[[nodiscard]] int allocations_of(const std::function<void()>& work);

}  // namespace querytap::testing
