#pragma once

// The sources of querytap::watch: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/background.hpp>
#include <querytap/implementation/servers.hpp>

#include "../../../src/runtime/watch/plan_capture.cpp"
#include "../../../src/runtime/watch/query_watch.cpp"
#include "../../../src/runtime/watch/server_waits.cpp"
