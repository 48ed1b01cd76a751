#pragma once

// The sources of querytap::background: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/runtime/common/background_task.cpp"
