#pragma once

#include "dashboard.hpp"
#include "grafana_json.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace ops {

/// The panel without its place.
[[nodiscard]] nlohmann::ordered_json panel_json(const panel& shown, int id);

[[nodiscard]] int height_of(const panel& shown);

[[nodiscard]] nlohmann::ordered_json chosen_data_source();

[[nodiscard]] std::string uid_of(const std::string& file, layout form);

}  // namespace ops
