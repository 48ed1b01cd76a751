#pragma once

#include <querytap/calls/models/price_table.hpp>

#include <string_view>

namespace querytap::detail {

/// The prices of a YAML text of our own. Throws configuration_error.
[[nodiscard]] price_table read_yaml_prices(std::string_view text, std::string_view file);

}  // namespace querytap::detail
