#pragma once

// The sources of querytap::pages: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/gzip.hpp>
#include <querytap/implementation/json.hpp>

#include "../../../src/runtime/pages/findings_section.cpp"
#include "../../../src/runtime/pages/first_zeros.cpp"
#include "../../../src/runtime/pages/health_page.cpp"
#include "../../../src/runtime/pages/health_section.cpp"
#include "../../../src/runtime/pages/html.cpp"
#include "../../../src/runtime/pages/incident_page.cpp"
#include "../../../src/runtime/pages/leases_section.cpp"
#include "../../../src/runtime/pages/pages.cpp"
#include "../../../src/runtime/pages/phase_bar.cpp"
#include "../../../src/runtime/pages/pool_table.cpp"
#include "../../../src/runtime/pages/pools_section.cpp"
#include "../../../src/runtime/pages/process_metrics.cpp"
#include "../../../src/runtime/pages/query_string.cpp"
#include "../../../src/runtime/pages/request_target.cpp"
#include "../../../src/runtime/pages/requests_in_flight_section.cpp"
#include "../../../src/runtime/pages/requests_section.cpp"
#include "../../../src/runtime/pages/running_section.cpp"
#include "../../../src/runtime/pages/slow_section.cpp"
#include "../../../src/runtime/pages/sources_section.cpp"
#include "../../../src/runtime/pages/statements_section.cpp"
