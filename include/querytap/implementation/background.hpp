#pragma once

// The sources of querytap::background: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/runtime/common/background_task.cpp"
#include "../../../src/runtime/common/call_scheduler.cpp"
#include "../../../src/runtime/common/expendable_threads.cpp"
