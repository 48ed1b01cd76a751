#pragma once

#include "dashboard.hpp"

#include <string>

namespace ops {

enum class layout { wide, phone };

/// The dashboard as Grafana's classic JSON, ready to be imported. For a phone all panels stand in one column.
///
/// Source   @grafana/schema 13.2, schema version 42
[[nodiscard]] std::string grafana_json(const dashboard& drawn, layout form);

}  // namespace ops
