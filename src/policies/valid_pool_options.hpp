#pragma once

#include <querytap/policies/pool_options.hpp>

#include <cstddef>
#include <string_view>

namespace querytap::detail {

/// The options, or configuration_error with the name of the one that cannot work.
[[nodiscard]] pool_options valid_pool_options(pool_options options);
/// As there, for limits that change later.
void check_pool_limits(std::string_view pool, std::size_t minimum, std::size_t maximum);

}  // namespace querytap::detail
