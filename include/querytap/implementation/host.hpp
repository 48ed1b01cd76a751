#pragma once

// The sources of querytap::host: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/servers.hpp>

#include "../../../src/servers/host/command_probe.cpp"
#include "../../../src/servers/host/descriptor_probe.cpp"
#include "../../../src/servers/host/descriptors.cpp"
#include "../../../src/servers/host/disk_space_probe.cpp"
#include "../../../src/servers/host/gpu_collector.cpp"
#include "../../../src/servers/host/host_collector.cpp"
#include "../../../src/servers/host/host_files.cpp"
#include "../../../src/servers/host/host_tables.cpp"
#include "../../../src/servers/host/nvml.cpp"
#include "../../../src/servers/host/own_cgroup.cpp"
#include "../../../src/servers/host/pool_probe.cpp"
#include "../../../src/servers/host/process_collector.cpp"
#include "../../../src/servers/host/tcp_probe.cpp"
