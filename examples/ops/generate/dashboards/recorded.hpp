#pragma once

#include "dashboard.hpp"

#include <string>
#include <vector>

namespace ops {

/// The rules whose results the dashboards read where `$source` is `recorded`, each once, by name.
[[nodiscard]] std::vector<recorded_rule> rules_of(const std::vector<dashboard>& drawn);

/// The same as a file for Prometheus.
[[nodiscard]] std::string rule_file(const std::vector<recorded_rule>& rules);

}  // namespace ops
