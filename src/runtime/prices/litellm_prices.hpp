#pragma once

#include <querytap/calls/models/price_table.hpp>

#include <string_view>

namespace querytap::detail {

/// The prices of a JSON text as litellm has it. Throws configuration_error.
[[nodiscard]] price_table read_litellm_prices(std::string_view text, std::string_view file);

}  // namespace querytap::detail
