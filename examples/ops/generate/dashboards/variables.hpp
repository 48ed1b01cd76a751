#pragma once

#include "dashboard.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace ops {

/// Grafana's variables: those that each dashboard has, and those that its queries name.
[[nodiscard]] nlohmann::ordered_json variables_of(const dashboard& drawn);

/// What the variables of a query stand for, where everything is chosen.
struct chosen_variables {
  std::string window;  ///< of rates, such as `1m`
  std::string range;   ///< of the whole picture
  bool has_native_functions = true;
  bool is_recorded = false;  ///< from the recorded series, or from each process
};

/// A query as Grafana would send it with everything chosen.
[[nodiscard]] std::string filled_in(const std::string& query, const chosen_variables& chosen);

}  // namespace ops
