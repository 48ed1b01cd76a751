#pragma once

#include "dashboard.hpp"

#include <nlohmann/json.hpp>

namespace ops {

/// Grafana's variables: those that each dashboard has, and those that its queries name.
[[nodiscard]] nlohmann::ordered_json variables_of(const dashboard& drawn);

}  // namespace ops
