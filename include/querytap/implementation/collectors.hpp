#pragma once

// The sources of querytap::collectors: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/background.hpp>
#include <querytap/implementation/servers.hpp>

#include "../../../src/runtime/collectors/collected_source.cpp"
#include "../../../src/runtime/collectors/collectors.cpp"
#include "../../../src/runtime/collectors/source_series.cpp"
