#pragma once

// The sources of querytap::prices: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/runtime/prices/litellm_prices.cpp"
#include "../../../src/runtime/prices/price_file.cpp"
#include "../../../src/runtime/prices/price_number.cpp"
#include "../../../src/runtime/prices/yaml_prices.cpp"
