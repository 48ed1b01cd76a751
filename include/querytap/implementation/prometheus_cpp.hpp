#pragma once

// The sources of querytap::prometheus_cpp: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/prometheus.hpp>

#include "../../../src/exporters/prometheus/prometheus_collectable.cpp"
#include "../../../src/exporters/prometheus/prometheus_registry.cpp"
