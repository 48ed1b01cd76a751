#pragma once

// The sources of querytap::json: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/prometheus.hpp>

#include "../../../src/exporters/json/health_json.cpp"
#include "../../../src/exporters/json/json.cpp"
#include "../../../src/exporters/json/json_records.cpp"
#include "../../../src/exporters/json/json_sources.cpp"
#include "../../../src/exporters/json/json_values.cpp"
