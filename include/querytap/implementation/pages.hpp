#pragma once

// The sources of querytap::pages: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/gzip.hpp>
#include <querytap/implementation/json.hpp>
#include <querytap/implementation/live.hpp>

#include "../../../src/runtime/pages/first_zeros.cpp"
#include "../../../src/runtime/pages/health_page.cpp"
#include "../../../src/runtime/pages/pages.cpp"
#include "../../../src/runtime/pages/process_metrics.cpp"
#include "../../../src/runtime/pages/request_target.cpp"
