#pragma once

// The sources of querytap::pools: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/background.hpp>

#include "../../../src/runtime/pools/keeper_job.cpp"
#include "../../../src/runtime/pools/pool_keeper.cpp"
