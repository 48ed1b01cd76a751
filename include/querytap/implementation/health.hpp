#pragma once

// The sources of querytap::health: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/background.hpp>
#include <querytap/implementation/servers.hpp>

#include "../../../src/runtime/health/checked_component.cpp"
#include "../../../src/runtime/health/health.cpp"
#include "../../../src/runtime/health/health_job.cpp"
#include "../../../src/runtime/health/systemd_notifier.cpp"
