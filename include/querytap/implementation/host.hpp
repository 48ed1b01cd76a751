#pragma once

// The sources of querytap::host: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/servers.hpp>

#include "../../../src/servers/host/gpu_collector.cpp"
#include "../../../src/servers/host/host_collector.cpp"
#include "../../../src/servers/host/host_files.cpp"
#include "../../../src/servers/host/host_tables.cpp"
#include "../../../src/servers/host/nvml.cpp"
#include "../../../src/servers/host/own_cgroup.cpp"
#include "../../../src/servers/host/process_collector.cpp"
