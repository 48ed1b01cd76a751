#pragma once

// The sources of querytap::mongodb: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/decorators/mongodb/bson_elements.cpp"
#include "../../../src/decorators/mongodb/call.cpp"
#include "../../../src/decorators/mongodb/callbacks.cpp"
#include "../../../src/decorators/mongodb/client_lending.cpp"
#include "../../../src/decorators/mongodb/command_pattern.cpp"
#include "../../../src/decorators/mongodb/command_shape.cpp"
#include "../../../src/decorators/mongodb/mongodb_failure.cpp"
#include "../../../src/decorators/mongodb/observation.cpp"
#include "../../../src/decorators/mongodb/paused_calls.cpp"
#include "../../../src/decorators/mongodb/pool.cpp"
#include "../../../src/decorators/mongodb/reply.cpp"
#include "../../../src/decorators/mongodb/server_watch.cpp"
#include "../../../src/decorators/mongodb/watcher.cpp"
