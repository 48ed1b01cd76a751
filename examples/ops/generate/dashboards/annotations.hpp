#pragma once

#include <nlohmann/json.hpp>

namespace ops {

/// Marks on all time series: deployments, restarts and findings.
[[nodiscard]] nlohmann::ordered_json annotations();

}  // namespace ops
