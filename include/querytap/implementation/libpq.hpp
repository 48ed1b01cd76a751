#pragma once

// The sources of querytap::libpq: compiled where QUERYTAP_IMPLEMENTATION is defined.

#include <querytap/implementation/querytap.hpp>

#include "../../../src/decorators/libpq/asynchronous.cpp"
#include "../../../src/decorators/libpq/connecting.cpp"
#include "../../../src/decorators/libpq/neighbours_asked.cpp"
#include "../../../src/decorators/libpq/pending_calls.cpp"
#include "../../../src/decorators/libpq/sent_statements.cpp"
#include "../../../src/decorators/libpq/server_failure.cpp"
#include "../../../src/decorators/libpq/session.cpp"
#include "../../../src/decorators/libpq/synchronous.cpp"
