#pragma once

// The sources of querytap::servers: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/servers/common/explainable.cpp"
